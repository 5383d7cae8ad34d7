"""The frontier stage on made-up trials with known results."""

import numpy as np
import pandas as pd
import pytest

from harness.analysis import frontier_stage
from harness.core.errors import InputError
from harness.report.figures.style import COLOURS, styles
from harness.results import study_record, trials

REGIMES = ("joint", "hard_cgt", "single_exit")


def test_frontiers_are_chosen_on_validation_and_imaged_on_test(folder):
    record, indices = frontier_stage.write_frontier(folder)
    frame = pd.read_csv(folder / "frontier.csv")
    assert set(frame["regime"]) == set(REGIMES)
    for _, rows in frame.groupby("regime"):
        assert (rows["validation_cost"].diff().dropna() > 0).all()
        assert (rows["validation_accuracy"].diff().dropna() > 0).all()
        assert not rows["test_dominated"].all()
    row = frame.iloc[3]
    result, test = trials.read_trial(folder, row["key"]), stage_test_logits(folder, row["key"])
    for part, found in (("validation", result.validation), ("test", test)):
        first, last = found.values  # noqa: PD011 -- an array, not a data frame
        probability = np.exp(first) / np.exp(first).sum(-1, keepdims=True)
        early = probability.max(-1) >= row["threshold_1"] - 1e-6
        predicted = np.where(early, first.argmax(-1), last.argmax(-1))
        assert row[f"{part}_accuracy"] == pytest.approx((predicted == found.labels).mean())
        assert row[f"{part}_macs"] == pytest.approx(np.where(early, 10, 100).mean())
        assert row[f"{part}_cost"] == pytest.approx(row[f"{part}_macs"] / 90)
    assert indices["failed"].sum() == 1
    assert len(indices) == 3
    assert record.name == "made-up"


def stage_test_logits(folder, key):
    return trials.read_logits(folder / "trials" / key / "test.npz")


def test_the_validation_stage_never_opens_the_test_logits(folder, tmp_path):
    for path in folder.glob("trials/*/test.npz"):
        path.unlink()
    target = tmp_path / "out"
    target.mkdir()
    frontier_stage.write_validation_tables(folder, target)
    assert "test_cost" not in pd.read_csv(target / "frontier.csv")
    with pytest.raises(InputError, match=r"test.npz: no such file"):
        frontier_stage.write_frontier(folder)


def test_a_study_without_results_is_a_clear_error(folder):
    record = study_record.read_study_record(folder)
    study_record.write_study_record(folder, record.model_copy(update={"configurations": ()}))
    with pytest.raises(InputError, match="no configuration has a result yet"):
        frontier_stage.write_frontier(folder)


def test_styles_keep_regimes_apart():
    names = [f"regime_{i}" for i in range(2 * len(COLOURS))] + ["single_exit"]
    assert len(set(styles(names).values())) == len(names)
