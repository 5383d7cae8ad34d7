"""The frontier stage: reads a study's trials and writes the tables of its frontiers.

The tables appear together, with a stamp of what they were made from (`harness.results.stamp`).
"""

from collections.abc import Callable
from pathlib import Path

import pandas as pd

from harness.analysis.comparison import regime_table
from harness.analysis.confirmed_points import ConfirmedPoints
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
from harness.analysis.pairs import SeedTables, tables_of
from harness.analysis.recommend import recommendations
from harness.analysis.seeds import hypervolumes, seed_frontiers
from harness.core.budgets import at_budgets
from harness.core.files import atomic_file, write_json
from harness.core.records import write_record
from harness.results.confirmation import confirmation_folder, confirmed, read_test_samples
from harness.results.recommendation import RECOMMENDATIONS
from harness.results.stamp import table_set
from harness.results.study_record import StudyRecord, read_finished, write_study_record
from harness.results.tables import FRONTIER, HYPERVOLUMES, INDICES, METRICS, SEEDS, TRIALS

FRONTIER_STEPS = 5


def write_validation_tables(folder: Path, target: Path) -> None:
    """Write a study's record, frontier.csv and indices.csv to `target`, on validation only."""
    record = read_finished(folder)
    frame = validation_frontiers(folder, record, of_study(record))
    # Readers check the tables of a folder against the record beside them.
    write_study_record(target, record)
    with table_set(target, record) as scratch:
        _write(frame, scratch / FRONTIER)
        _write(regime_indices(record, frame), scratch / INDICES)


def write_frontier(
    folder: Path, watch: Callable[[str], None] = lambda _: None
) -> tuple[StudyRecord, pd.DataFrame]:
    """Choose operating points on validation, evaluate them once on test, and write the tables.

    These are frontier.csv and .parquet, indices.csv and trials.parquet; for comparisons over seeds
    seeds.parquet and hypervolumes.parquet, see `harness.analysis.seeds`; for the report
    samples.parquet, budgets.json and classes.csv, see `harness.analysis.operating_points`.

    A confirmation's tables are written to its own folder: seeds.parquet, hypervolumes.parquet,
    recommendations.json (`harness.analysis.recommend`) and metrics/.

    Returns the record and the indices of each regime.

    Parameters
    ----------
    watch
        Called FRONTIER_STEPS times, each time with the step that is done.
    """
    record = read_finished(folder)
    evaluation = of_study(record)
    with table_set(folder, record) as scratch:
        points = validation_points(folder, record, evaluation)
        watch("thresholds chosen on validation")
        frame = evaluate_on_test(folder, record, frontiers_of(points), evaluation)
        indices = regime_indices(record, frame)
        _write(frame, scratch / FRONTIER)
        _write(frame, (scratch / FRONTIER).with_suffix(".parquet"))
        _write(indices, scratch / INDICES)
        _write(trials_table(folder, record), scratch / TRIALS)
        watch("evaluated on test")
        write_operating(folder, record, frame, evaluation.policy, scratch)
        watch("operating points evaluated")
        seeds = seed_frontiers(folder, record, points, evaluation)
        _write(seeds, scratch / SEEDS)
        _write(hypervolumes(folder, record, seeds, evaluation), scratch / HYPERVOLUMES)
        watch("seeds compared")
    if (fresh := confirmed(folder)) is not None:
        _write_confirmation(confirmation_folder(folder), fresh)
    watch("fresh seeds compared")
    return record, indices


def _write_confirmation(folder: Path, record: StudyRecord) -> None:
    """The tables of a confirmation, each seed's thresholds chosen on its own validation part."""
    evaluation, tested = of_study(record), read_test_samples(folder, record)
    with table_set(folder, record) as scratch:
        points = validation_points(folder, record, evaluation)
        seeds = seed_frontiers(folder, record, points, evaluation)
        _write(seeds, scratch / SEEDS)
        areas = hypervolumes(folder, record, seeds, evaluation, tested)
        _write(areas, scratch / HYPERVOLUMES)
        ready = ConfirmedPoints(folder, record, evaluation, points, tested)
        _write_metrics(tables_of(record, seeds, areas), scratch / METRICS)
        write_record(scratch / RECOMMENDATIONS, recommendations(ready), indent=None)


def _write_metrics(tables: SeedTables, target: Path) -> None:
    """A file per regime: `dvc metrics show` makes a row of each.

    The figures are few enough to fit a screen; the rest is what `harness compare` shows. What a
    regime has not, such as a score within a budget that none of its points keeps, is left out.
    """
    measure = tables.record.measure
    shown = ("hypervolume", "gain", "p_holm", *at_budgets(measure), f"best_{measure}")
    for row in regime_table(tables).to_dict("records"):
        known = {name: row[name] for name in shown if pd.notna(row[name])}
        write_json(target / f"{row['regime']}.json", known)


def _write(frame: pd.DataFrame, path: Path) -> None:
    with atomic_file(path) as temporary:
        if path.suffix == ".parquet":
            frame.to_parquet(temporary, index=False)
        else:
            frame.to_csv(temporary, index=False)
