"""The frontier stage: reads a study's trials and writes the tables of its frontiers.

The tables appear together, with a stamp of what they were made from (`harness.results.stamp`).
"""

from collections.abc import Callable
from pathlib import Path

import pandas as pd

from harness.analysis.comparison import regime_table
from harness.analysis.confirmed_points import ConfirmedPoints
from harness.analysis.curves import gates_data, undertrained
from harness.analysis.evaluation import of_study
from harness.analysis.frontiers import (
    evaluate_on_test,
    frontiers_of,
    regime_indices,
    trials_table,
)
from harness.analysis.metrics_at_budgets import metrics_at_budgets
from harness.analysis.operating_points import write_operating
from harness.analysis.pairs import SeedTables, tables_of
from harness.analysis.recommend import recommendations
from harness.analysis.seeds import hypervolumes, seed_frontiers
from harness.analysis.trial_tables import trial_tables
from harness.core.budgets import at_budgets
from harness.core.files import write_json
from harness.core.records import write_record
from harness.results.confirmation import confirmation_folder, confirmed, read_test_samples
from harness.results.recommendation import RECOMMENDATIONS
from harness.results.stamp import TRIALS, table_set
from harness.results.study_record import StudyRecord, read_finished, write_study_record
from harness.results.tables import (
    AT_BUDGETS,
    FRONTIER,
    GATES,
    HYPERVOLUMES,
    INDICES,
    METRICS,
    SEEDS,
    UNDERTRAINING,
    read_hypervolumes,
    read_regime_indices,
)
from harness.results.tabular import write_table

FRONTIER_STEPS = 5


def write_validation_tables(folder: Path, target: Path) -> None:
    """Write a study's record, frontier.csv and indices.csv to `target`, on validation only."""
    record = read_finished(folder)
    frame = frontiers_of(trial_tables(folder, record).points)
    # Readers check the tables of a folder against the record beside them.
    write_study_record(target, record)
    with table_set(target, record) as scratch:
        write_table(scratch / FRONTIER, frame)
        write_table(scratch / INDICES, regime_indices(record, frame))


def write_frontier(
    folder: Path, watch: Callable[[str], None] = lambda _: None
) -> tuple[StudyRecord, pd.DataFrame]:
    """Choose operating points on validation, evaluate them once on test, and write the tables.

    These are frontier.csv and .parquet, indices.csv and trials.parquet; for comparisons over seeds
    seeds.parquet and hypervolumes.parquet, see `harness.analysis.seeds`, and at_budgets.parquet,
    see `harness.analysis.metrics_at_budgets`; for the report samples.parquet, routing.csv,
    reliability.parquet, budgets.json and classes.csv, see `harness.analysis.operating_points`, and
    gates.parquet and undertraining.csv, see `harness.analysis.curves`.

    A confirmation's tables are written to its own folder: seeds.parquet, at_budgets.parquet,
    hypervolumes.parquet, trials.parquet, recommendations.json (`harness.analysis.recommend`) and
    metrics/.

    Returns the record and the indices of each regime.

    Parameters
    ----------
    watch
        Called FRONTIER_STEPS times, each time with the step that is done.
    """
    record = read_finished(folder)
    evaluation = of_study(record)
    with table_set(folder, record) as scratch:
        tables = trial_tables(folder, record)
        points = tables.points
        watch("thresholds chosen on validation")
        frame = evaluate_on_test(folder, record, frontiers_of(points), evaluation)
        indices = regime_indices(record, frame)
        write_table(scratch / FRONTIER, frame)
        write_table((scratch / FRONTIER).with_suffix(".parquet"), frame)
        write_table(scratch / INDICES, indices)
        write_table(scratch / TRIALS, trials_table(record, tables.facts))
        watch("evaluated on test")
        write_operating(folder, record, frame, evaluation.policy, scratch)
        write_table(scratch / GATES, gates_data(tables.weights))
        write_table(scratch / UNDERTRAINING, undertrained(record, tables.facts))
        watch("operating points evaluated")
        seeds = seed_frontiers(folder, record, points, evaluation)
        write_table(scratch / SEEDS, seeds)
        at_budgets = metrics_at_budgets(folder, record, seeds, evaluation)
        write_table(scratch / AT_BUDGETS, at_budgets)
        _write_resampled(hypervolumes(folder, record, seeds, evaluation), scratch)
        watch("seeds compared")
    if (fresh := confirmed(folder)) is not None:
        _write_confirmation(confirmation_folder(folder), fresh)
    watch("fresh seeds compared")
    return record, indices


def current_indices(folder: Path) -> tuple[StudyRecord, pd.DataFrame]:
    """The record and indices of a study whose tables are current, where they cannot be made.

    Raises
    ------
    InputError
        A table, of the study or of its confirmation, is missing or not of what is recorded; the
        message says how the trials that it is made of are trained again.
    """
    record = read_finished(folder)
    indices = read_regime_indices(folder)
    if confirmed(folder) is not None:
        read_hypervolumes(confirmation_folder(folder))
    return record, indices


def _write_confirmation(folder: Path, record: StudyRecord) -> None:
    """The tables of a confirmation, each seed's thresholds chosen on its own validation part."""
    evaluation, tested = of_study(record), read_test_samples(folder, record)
    with table_set(folder, record) as scratch:
        tables = trial_tables(folder, record)
        points = tables.points
        seeds = seed_frontiers(folder, record, points, evaluation)
        write_table(scratch / SEEDS, seeds)
        at_budgets = metrics_at_budgets(folder, record, seeds, evaluation)
        write_table(scratch / AT_BUDGETS, at_budgets)
        areas = hypervolumes(folder, record, seeds, evaluation, tested)
        _write_resampled(areas, scratch)
        write_table(scratch / TRIALS, trials_table(record, tables.facts))
        ready = ConfirmedPoints(folder, record, evaluation, points, tested)
        _write_metrics(tables_of(record, seeds, areas), scratch / METRICS)
        write_record(scratch / RECOMMENDATIONS, recommendations(ready), indent=None)


def _write_resampled(areas: pd.DataFrame, target: Path) -> None:
    write_table(target / HYPERVOLUMES, areas, distinct=("hypervolume",), counted=("replicate",))


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
