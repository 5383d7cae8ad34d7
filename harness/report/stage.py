"""The frontier and report stages: a study's folder in, tables and pictures beside it."""

from pathlib import Path
from typing import cast

import pandas as pd

from harness.core.errors import InputError
from harness.core.files import Json, atomic_file, write_json
from harness.report import figures
from harness.report.evaluation import of_study
from harness.report.frontiers import (
    add_test_images,
    regime_indices,
    trials_table,
    validation_frontiers,
    with_errors,
)
from harness.report.html import write_report
from harness.results import study_record
from harness.results.study_record import StudyRecord
from harness.results.tables import FRONTIER, INDICES, read_frontier, read_indices
from harness.tracking.publish import Summary

TRIALS = "trials.parquet"
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


def write_frontier(folder: Path) -> tuple[StudyRecord, pd.DataFrame]:
    """Write frontier.csv, .parquet, indices.csv, trials.parquet, metrics.json and the pictures.

    Returns the record and the indices of each regime. This reads the test split.
    """
    record = finished_record(folder)
    evaluation = of_study(record)
    frame = add_test_images(folder, validation_frontiers(folder, record, evaluation), evaluation)
    frame = with_errors(frame, record)
    indices = regime_indices(record, frame)
    _write_tables(record, frame, indices, folder)
    _write_parquet(frame, folder / "frontier.parquet")
    _write_parquet(trials_table(folder, record), folder / TRIALS)
    by_regime = indices.set_index("regime").to_dict("index")
    write_json(folder / "metrics.json", cast("dict[str, Json]", by_regime))
    return record, indices


def write_html(folder: Path) -> Path:
    """Write report.html from the frontier stage's tables."""
    record = finished_record(folder)
    path = folder / "report.html"
    write_report(path, record, read_frontier(folder), read_indices(folder))
    return path


def summary(folder: Path, tables: Path) -> Summary:
    """What MLflow shows of a study, from the tables of `write_frontier` or `write_validation`."""
    record = study_record.read(folder)
    frame = read_frontier(tables)
    return Summary(
        note=_markdown(record, read_indices(tables)),
        files=tuple(tables / name for name in (*PICTURES, FRONTIER, INDICES)),
        pareto=frozenset(frame["key"]),
    )


def _markdown(record: StudyRecord, indices: pd.DataFrame) -> str:
    columns = ["regime", "trials", "points"]
    columns += [c for c in map(str, indices) if c.endswith(("hypervolume", "at_25", "at_75"))]
    header = f"| {' | '.join(columns)} |\n|{'---|' * len(columns)}\n"
    rows = [
        "| " + " | ".join(v if isinstance(v, str) else f"{v:.4g}" for v in row) + " |"
        for row in indices[columns].itertuples(index=False)
    ]
    return f"{record.description}\n\n{figures.caption(record)}\n\n{header}" + "\n".join(rows)


def _write_tables(
    record: StudyRecord, frame: pd.DataFrame, indices: pd.DataFrame, target: Path
) -> None:
    _write_csv(frame, target / FRONTIER)
    _write_csv(indices, target / INDICES)
    data = figures.pareto_data(frame)
    title = f"{record.name}: {figures.measure(data)} against cost"
    page, picture = (target / name for name in PICTURES)
    figures.draw_pareto_html(data, title, figures.caption(record), page)
    figures.draw_pareto_png(data, title, figures.caption(record), picture)


def _write_csv(frame: pd.DataFrame, path: Path) -> None:
    with atomic_file(path) as temporary:
        frame.to_csv(temporary, index=False)


def _write_parquet(frame: pd.DataFrame, path: Path) -> None:
    with atomic_file(path) as temporary:
        frame.to_parquet(temporary, index=False)
