import numpy as np
import pytest

from harness.analysis.coverage import coverage_table, guarantee_note
from harness.analysis.frontier_stage import write_frontier
from harness.core.errors import InputError
from harness.results import study_record, trials
from harness.results.sealed import read_test
from harness.results.tables import read_frontier


@pytest.fixture
def table(folder):
    write_frontier(folder)
    return coverage_table(
        folder, study_record.read_study_record(folder), read_frontier(folder), alpha=0.1
    )


def test_a_row_per_regime_construction_and_exit(table):
    assert len(table) == 3 * 3 * 2
    assert table.groupby("regime").size().tolist() == [6, 6, 6]
    assert (table["low"] <= table["high"]).all()
    assert table["coverage"].between(0, 1).all()
    nested = table[table["sets"] != "conformal"]
    assert (nested["nestedness"] == 1).all()
    for _, rows in nested.groupby(["regime", "sets"]):
        assert rows.sort_values("exit")["size"].is_monotonic_decreasing


def test_coverage_is_promised_on_a_calibration_part_alone(table, folder, calibrated):
    record = study_record.read_study_record(folder)
    assert table["promised"].isna().all()
    assert guarantee_note(record).startswith(
        "No coverage is guaranteed: split s has no calibration"
    )
    write_frontier(calibrated)
    record = study_record.read_study_record(calibrated)
    found = coverage_table(calibrated, record, read_frontier(calibrated), alpha=0.1)
    promised = found.groupby(["sets", "exit"])["promised"].first()
    assert promised["conformal"].tolist() == pytest.approx([0.9, 0.9])
    assert promised["nested"].tolist() == pytest.approx([0.9, 0.8])
    assert promised["anytime"].isna().all()
    assert "is guaranteed: they are calibrated on samples" in guarantee_note(record)
    # The same networks on the same test samples: sets differ with what they are calibrated on.
    both = [t.loc[t["sets"] == "conformal", "size"].to_numpy() for t in (table, found)]
    assert not np.allclose(*both)


def test_conformal_sets_are_calibrated_on_validation_and_judged_on_test(folder, table):
    frontier = read_frontier(folder)
    row = table[(table["regime"] == "joint") & (table["sets"] == "conformal")].iloc[1]
    found = []
    for key in frontier.loc[frontier["regime"] == "joint", "key"].unique():
        validation, test = trials.read_trial(folder, key).validation, read_test(folder, key)
        scores = []
        for part in (validation, test):
            odds = np.exp(np.asarray(part.values[1], dtype=float))
            chosen = odds[np.arange(len(part.labels)), part.labels]
            scores.append(1 - chosen / odds.sum(1))
        bound = np.sort(scores[0])[int(np.ceil(81 * 0.9)) - 1]
        found.append((scores[1] <= bound + 1e-12).mean())
    assert any(np.isclose(row["coverage"], coverage) for coverage in found)


def test_a_level_out_of_range_is_refused(folder):
    write_frontier(folder)
    with pytest.raises(InputError, match=r"alpha: found 1.5"):
        coverage_table(
            folder, study_record.read_study_record(folder), read_frontier(folder), alpha=1.5
        )
