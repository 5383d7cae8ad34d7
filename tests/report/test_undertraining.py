"""Trainings that end rising."""

import numpy as np
import pandas as pd
import pytest

from harness.analysis.curves import rise_at_end, undertrained
from harness.analysis.trial_tables import trial_tables
from harness.report.undertraining import undertraining_remark
from harness.results import study_record
from tests.report.figures.test_of_study import rewrite_curve


def test_a_rising_end_is_found_and_measured():
    scores = np.concatenate([np.full(90, 0.5), 0.5 + 0.01 * np.arange(10)])
    found = rise_at_end(scores + np.tile([1e-4, -1e-4], 50))
    assert found.beyond_noise
    assert found.amount == pytest.approx(0.09, abs=0.001)


@pytest.mark.parametrize("scores", [np.full(40, 0.5), np.linspace(0.9, 0.5, 40)])
def test_flat_and_falling_ends_are_none(scores):
    assert not rise_at_end(scores).beyond_noise


def test_a_rise_before_the_end_does_not_count():
    assert not rise_at_end(np.concatenate([np.linspace(0, 1, 80), np.ones(20)])).beyond_noise


def test_too_few_epochs_say_nothing():
    assert rise_at_end(np.array([0.1, 0.2, 0.3, 0.4])) is None


def test_noise_rises_in_one_of_twenty():
    generator = np.random.default_rng(0)
    found = [rise_at_end(generator.normal(size=60)).beyond_noise for _ in range(4000)]
    assert np.mean(found) == pytest.approx(0.05, abs=0.012)


def table(folder, record):
    return undertrained(record, trial_tables(folder, record).facts)


def test_a_regime_is_named_where_noise_does_not_explain_it(folder):
    record = study_record.read_study_record(folder)
    assert table(folder, record).empty
    assert undertraining_remark(table(folder, record)) == ""
    for configuration in record.succeeded():
        rises = configuration.regime == "hard_cgt"
        exit_1 = np.linspace(0.4, 0.6, 20) if rises else np.full(20, 0.5)
        curve = {"validation_accuracy_exit_1": exit_1, "validation_accuracy_exit_2": 0.7}
        rewrite_curve(folder / "trials" / configuration.keys[0], pd.DataFrame(curve))
    found = table(folder, record).set_index("regime")
    assert found["rising"].to_dict() == {"hard_cgt": 2, "joint": 0, "single_exit": 0}
    assert found.loc["hard_cgt", "p"] == pytest.approx(0.05**2)
    # Half of the 0.2 / 19 per epoch, over five epochs: the other exit stays.
    assert found.loc["hard_cgt", "amount"] == pytest.approx(0.5 * 4 * 0.2 / 19)
    remark = undertraining_remark(table(folder, record))
    assert "hard_cgt (2 of 2, by 0.021)" in remark
    assert "joint" not in remark
