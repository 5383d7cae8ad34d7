"""The frontier stage: reads a study's trials and writes the tables of its frontiers."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pandas as pd

from harness.analysis.evaluation import of_study
from harness.analysis.frontiers import (
    evaluate_on_test,
    frontiers_of,
    regime_indices,
    trials_table,
    validation_frontiers,
    validation_points,
)
from harness.analysis.operating_points import write_operating
from harness.analysis.seeds import hypervolumes, seed_frontiers
from harness.core.budgets import at_budgets
from harness.core.files import atomic_file, write_json
from harness.results.study_record import StudyRecord, read_finished
from harness.results.tables import FRONTIER, HYPERVOLUMES, INDICES, METRICS, SEEDS, TRIALS

FRONTIER_STEPS = 4


def write_validation_tables(folder: Path, target: Path) -> None:
    """Write a study's frontier.csv and indices.csv to `target`, on validation only."""
    record = read_finished(folder)
    frame = validation_frontiers(folder, record, of_study(record))
    _write(frame, target / FRONTIER)
    _write(regime_indices(record, frame), target / INDICES)


def write_frontier(
    folder: Path, watch: Callable[[str], None] = lambda _: None
) -> tuple[StudyRecord, pd.DataFrame]:
    """Choose operating points on validation, evaluate them once on test, and write the tables.

    These are frontier.csv and .parquet, indices.csv, trials.parquet and metrics/; for comparisons
    over seeds seeds.parquet and hypervolumes.parquet, see `harness.analysis.seeds`; for the report
    samples.parquet, budgets.json and classes.csv, see `harness.analysis.operating_points`.

    Returns the record and the indices of each regime.

    Parameters
    ----------
    watch
        Called FRONTIER_STEPS times, each time with the step that is done.
    """
    record = read_finished(folder)
    evaluation = of_study(record)
    points = validation_points(folder, record, evaluation)
    watch("thresholds chosen on validation")
    frame = evaluate_on_test(folder, record, frontiers_of(points), evaluation)
    indices = regime_indices(record, frame)
    _write(frame, folder / FRONTIER)
    _write(frame, (folder / FRONTIER).with_suffix(".parquet"))
    _write(indices, folder / INDICES)
    _write(trials_table(folder, record), folder / TRIALS)
    watch("evaluated on test")
    write_operating(folder, record, frame, evaluation.policy)
    watch("operating points evaluated")
    seeds = seed_frontiers(folder, record, points, evaluation)
    _write(seeds, folder / SEEDS)
    _write(hypervolumes(folder, record, seeds, evaluation), folder / HYPERVOLUMES)
    _write_metrics(record, indices, folder / METRICS)
    watch("seeds compared")
    return record, indices


def _write_metrics(record: StudyRecord, indices: pd.DataFrame, target: Path) -> None:
    """A file per regime: `dvc metrics show` makes a row of each.

    The figures are few enough to fit a screen; the rest is in indices.csv.
    """
    at = at_budgets(f"test_{record.score}")
    shown = ("test_hypervolume", *at, f"test_best_{record.score}")
    shutil.rmtree(target, ignore_errors=True)  # a regime may have left the study
    for row in indices.to_dict("records"):
        write_json(target / f"{row['regime']}.json", {name: row[name] for name in shown})


def _write(frame: pd.DataFrame, path: Path) -> None:
    with atomic_file(path) as temporary:
        if path.suffix == ".parquet":
            frame.to_parquet(temporary, index=False, write_page_checksum=True)
        else:
            frame.to_csv(temporary, index=False)
