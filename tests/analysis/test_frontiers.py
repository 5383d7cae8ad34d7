"""The frontier stage on made-up trials with known results."""

import json

import numpy as np
import pandas as pd
import pytest

from harness.analysis import frontier_stage
from harness.analysis.comparison import regime_table
from harness.analysis.pairs import seed_tables
from harness.core.errors import InputError
from harness.report.sheets import regime_sheets
from harness.results import study_record, trials
from harness.results.study_record import Reference
from harness.results.tables import METRICS
from tests.made_up import REGIMES, make_confirmation


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


def test_within_a_budget_that_no_point_keeps_there_is_no_accuracy(folder):
    """The cheapest exit costs a third of the full cost: nothing is reported at a quarter of it."""
    record = study_record.read_study_record(folder)
    dear = record.model_copy(update={"reference": Reference(macs=30.0, score=1 / 3)})
    study_record.write_study_record(folder, dear)
    _, indices = frontier_stage.write_frontier(folder)
    for part in ("validation", "test"):
        columns = [f"{part}_{name}_at_25" for name in ("accuracy", "spent")]
        assert indices[columns].isna().all(axis=None)
        assert indices[f"{part}_accuracy_at_50"].notna().all()
    (sheet,) = regime_sheets([folder]).sheets
    assert sheet.text["acc. at 25%"].eq("").all()
    # Metrics are of fresh seeds alone.
    assert not (folder / METRICS).exists()
    confirmation = make_confirmation(folder)
    frontier_stage.write_frontier(folder)
    assert not (folder / METRICS).exists()
    for regime in REGIMES:
        figures = json.loads((confirmation / METRICS / f"{regime}.json").read_text())
        assert "accuracy_at_25" not in figures
        assert 0 < figures["accuracy_at_50"] < 1


def test_the_metrics_are_the_comparison_of_fresh_seeds(folder):
    confirmation = make_confirmation(folder)
    frontier_stage.write_frontier(folder)
    table = regime_table(seed_tables(folder)).set_index("regime")
    names = ("hypervolume", "gain", "p_holm", "accuracy_at_50", "best_accuracy")
    for regime, row in table.iterrows():
        figures = json.loads((confirmation / METRICS / f"{regime}.json").read_text())
        assert figures.keys() >= set(names) - {"p_holm"}
        assert ("p_holm" in figures) == (regime != "joint")
        assert figures == pytest.approx({name: row[name] for name in figures})
    assert {path.stem for path in (confirmation / METRICS).iterdir()} == set(REGIMES)


def test_a_parameter_that_is_text_in_one_regime_and_a_number_in_another_is_stored(folder):
    record = study_record.read_study_record(folder)
    drawn = [{"regime.h": value, "training.rate": 1e-3} for value in ("logistic", 2, True)]
    mixed = [
        configuration.model_copy(update={"parameters": parameters})
        for configuration, parameters in zip(record.configurations, drawn, strict=False)
    ]
    changed = record.model_copy(update={"configurations": tuple(mixed)})
    study_record.write_study_record(folder, changed)
    frontier_stage.write_frontier(folder)
    stored = pd.read_parquet(folder / "trials.parquet")
    assert stored["regime.h"].tolist() == ["logistic", "2", "True"]
    assert stored["training.rate"].tolist() == [1e-3] * 3
