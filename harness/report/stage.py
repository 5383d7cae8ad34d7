"""The frontier and report stages: a study's folder in, tables and pictures beside it."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import cast

import pandas as pd

from harness.core.errors import InputError
from harness.core.files import Json, atomic_file, read_json, write_json
from harness.core.places import Places
from harness.report.evaluation import of_study
from harness.report.figures.gathered import draw_all, write_all
from harness.report.figures.pareto import (
    draw_pareto_html,
    draw_pareto_png,
    measure,
    pareto_data,
)
from harness.report.figures.style import caption
from harness.report.frontiers import (
    add_test_images,
    frontiers_of,
    regime_indices,
    trials_table,
    validation_frontiers,
    validation_points,
    with_errors,
)
from harness.report.operating import write_operating
from harness.report.page.sections import Contents
from harness.report.page.write import write_report
from harness.report.seeds import hypervolumes, seed_frontiers
from harness.report.sheets import pair_sheets, regime_sheets
from harness.results import study_record
from harness.results.study_record import StudyRecord
from harness.results.tables import (
    BUDGETS,
    FRONTIER,
    HYPERVOLUMES,
    INDICES,
    SEEDS,
    read_frontier,
)

TRIALS = "trials.parquet"
FRONTIER_STEPS, REPORT_STEPS = 4, 4
METRICS = "metrics"
COMPARED = (
    "test_hypervolume",
    "test_accuracy_at_25",
    "test_accuracy_at_50",
    "test_accuracy_at_75",
    "test_best_accuracy",
)
"""Few enough that `dvc metrics show` fits a screen; the rest is in indices.csv."""
PICTURES = ("pareto.html", "pareto.png")


def finished_record(folder: Path) -> StudyRecord:
    """The record of a study that has results; raises InputError when it has none."""
    record = study_record.read(folder)
    if len(record.failed()) == len(record.configurations):
        raise InputError(f"{folder}: no configuration has a result yet (state: {record.state})")
    return record


def write_validation(folder: Path, target: Path) -> None:
    """Write the study's frontiers and their picture to `target`, on validation only."""
    record = finished_record(folder)
    frame = with_errors(validation_frontiers(folder, record, of_study(record)), record)
    _write_tables(record, frame, regime_indices(record, frame), target)


def write_frontier(
    folder: Path, watch: Callable[[str], None] = lambda _: None
) -> tuple[StudyRecord, pd.DataFrame]:
    """Write frontier.csv, .parquet, indices.csv, trials.parquet, metrics/ and the pictures.

    For comparisons over seeds also seeds.parquet and hypervolumes.parquet, see `report.seeds`; of
    the points that validation chose samples.parquet, budgets.json and classes.csv, see
    `report.operating`.

    Returns the record and the indices of each regime. This reads the test split.

    Parameters
    ----------
    watch
        Called FRONTIER_STEPS times, each time with what is done.
    """
    record = finished_record(folder)
    evaluation = of_study(record)
    points = validation_points(folder, record, evaluation)
    watch("thresholds chosen on validation")
    frame = add_test_images(folder, frontiers_of(points), evaluation)
    frame = with_errors(frame, record)
    indices = regime_indices(record, frame)
    _write_tables(record, frame, indices, folder)
    _write_parquet(frame, folder / "frontier.parquet")
    _write_parquet(trials_table(folder, record), folder / TRIALS)
    watch("evaluated on test")
    write_operating(folder, record, frame, evaluation.policy)
    watch("chosen points looked at")
    seeds = seed_frontiers(folder, points, evaluation)
    _write_parquet(with_errors(seeds, record), folder / SEEDS)
    _write_parquet(hypervolumes(folder, record, seeds, evaluation), folder / HYPERVOLUMES)
    _write_metrics(indices, folder / METRICS)
    watch("seeds resampled")
    return record, indices


def write_html(folder: Path, places: Places, watch: Callable[[str], None] = lambda _: None) -> Path:
    """Write report.html and figures/ from the frontier stage's tables.

    Parameters
    ----------
    places
        Where the data are, for maps and galleries; those are left out where the data are not there.
    watch
        Called REPORT_STEPS times, each time with what is done.
    """
    record = finished_record(folder)
    path = folder / "report.html"
    drawings = draw_all(folder, places, record)
    watch("figures drawn")
    write_all(drawings, folder)
    watch("figures written")
    contents = Contents(
        record=record,
        frontier=read_frontier(folder),
        compared=regime_sheets([folder]),
        pairs=pair_sheets([folder]),
        budgets=cast("dict[str, Json]", read_json(folder / BUDGETS)),
        drawings=drawings,
    )
    watch("regimes compared")
    write_report(path, contents)
    watch("page written")
    return path


def _write_tables(
    record: StudyRecord, frame: pd.DataFrame, indices: pd.DataFrame, target: Path
) -> None:
    _write_csv(frame, target / FRONTIER)
    _write_csv(indices, target / INDICES)
    data = pareto_data(frame)
    title = f"{record.name}: {measure(data)} against cost"
    page, picture = (target / name for name in PICTURES)
    draw_pareto_html(data, title, caption(record), page)
    draw_pareto_png(data, title, caption(record), picture)


def _write_metrics(indices: pd.DataFrame, target: Path) -> None:
    """A file per regime: `dvc metrics show` makes a row of each."""
    shutil.rmtree(target, ignore_errors=True)  # a regime may have left the study
    for row in indices.to_dict("records"):
        write_json(target / f"{row['regime']}.json", {name: row[name] for name in COMPARED})


def _write_csv(frame: pd.DataFrame, path: Path) -> None:
    with atomic_file(path) as temporary:
        frame.to_csv(temporary, index=False)


def _write_parquet(frame: pd.DataFrame, path: Path) -> None:
    with atomic_file(path) as temporary:
        frame.to_parquet(temporary, index=False)
