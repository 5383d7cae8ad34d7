"""Results of a study for its parent run in MLflow: description, metrics, tables, pictures."""

import tempfile
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from harness.analysis.chosen_points import staircase_of
from harness.core.budgets import BUDGETS, at_budgets, percent
from harness.frontier.staircase import area
from harness.report.exceeded import exceeded_note, mark_exceeded
from harness.report.figures.pareto import measure, pareto_data
from harness.report.formats import cells, markdown
from harness.report.remarks import remarks
from harness.report.sheets import regime_sheets
from harness.report.stage import current_figures, write_pictures
from harness.results import study_record
from harness.results.confirmation import confirmation_folder, confirmed
from harness.results.launches import origin_of
from harness.results.recommendation import RECOMMENDATIONS
from harness.results.stamp import outdated
from harness.results.study_record import StudyRecord
from harness.results.tables import (
    FRONTIER,
    INDICES,
    read_frontier,
    read_regime_indices,
    records,
)
from harness.tracking.publish import Summary, put_summary
from harness.tracking.store import Store


def publish_study(folder: Path, tables: Path, store: Store, pages: Sequence[Path] = ()) -> None:
    """Put a study's tables, pictures and pages on the parent run of its newest launch.

    What is confirmed is put on the newest parent run of the confirmation, too.

    Parameters
    ----------
    folder, tables
        The study's folder, and the one that holds its tables (of validation alone, or of test too).
    pages
        Further pages to show, such as the report.

    Raises
    ------
    InputError
        The store knows no launch of this study. MLflow's own errors pass through.
    """
    record = study_record.read_study_record(folder)
    with tempfile.TemporaryDirectory() as scratch:
        pictures = write_pictures(record, tables, Path(scratch))
        put_summary(store, origin_of(folder, record), summary(record, tables, (*pages, *pictures)))
    fresh = confirmed(folder)
    if fresh is not None and not outdated(confirmation_folder(folder), fresh):
        origin = origin_of(confirmation_folder(folder), fresh)
        put_summary(store, origin, confirmation_summary(folder, tuple(pages)))


def confirmation_summary(folder: Path, pages: tuple[Path, ...]) -> Summary:
    """The summary of a confirmation for its own parent run: the comparison over fresh seeds."""
    compared = regime_sheets([folder])
    sheet = compared.sheets[0]
    shown = ("hypervolume", "gain", "p_holm")
    return Summary(
        note=markdown(sheet.text, f"{sheet.title}. {sheet.note}"),
        metrics={
            f"test_{name}/{row['regime']}": float(str(row[name]))
            for row in records(compared.numbers[["regime", *shown]])
            for name in shown
            if row[name] is not None
        },
        pages=pages,
        tables=(confirmation_folder(folder) / RECOMMENDATIONS,),
        figures=(),
        pareto=frozenset(),
    )


def summary(record: StudyRecord, tables: Path, pages: tuple[Path, ...]) -> Summary:
    """The summary for MLflow, from the frontier stage's tables, whole or on validation only."""
    frame, indices = read_frontier(tables), read_regime_indices(tables)
    part = "test" if "test_hypervolume" in indices else "validation"
    ordered = indices.sort_values(f"{part}_hypervolume", ascending=False, kind="stable")
    return Summary(
        note=_markdown(record, frame, ordered, part),
        metrics=_metrics(record, frame, ordered),
        pages=pages,
        tables=tuple(tables / name for name in (FRONTIER, INDICES)),
        figures=current_figures(tables),
        pareto=frozenset(frame["key"]),
    )


def _markdown(record: StudyRecord, frame: pd.DataFrame, ordered: pd.DataFrame, part: str) -> str:
    name = measure(pareto_data(frame))
    budgets = (f"{name} at {percent(budget)} %" for budget in BUDGETS)
    score = record.score
    columns = (f"{part}_hypervolume", *at_budgets(f"{part}_{score}"), f"{part}_best_{score}")
    spent = at_budgets(f"{part}_spent")
    marked = mark_exceeded(ordered[["regime", "trials", *columns, *spent]], f"{part}_")
    shown = marked.set_axis(["regime", "trials", "hypervolume", *budgets, f"best {name}"], axis=1)
    table = cells(shown.assign(regime="`" + shown["regime"] + "`"), {})
    reported = {
        "test": "Exploratory, of searched seeds: on test, for networks and thresholds chosen on "
        "validation",
        "validation": "On validation; `harness frontier` evaluates on test, once",
    }
    return (
        f"{markdown(table, record.spec.description)}\n{reported[part]}; sorted by hypervolume. "
        f"At 25 %: the {name} within a quarter of the cost of the study's largest full static "
        f"network.{exceeded_note(marked)}{remarks(ordered, f'{part}_')}\n\n*{record.caption}*"
    )


def _metrics(record: StudyRecord, frame: pd.DataFrame, indices: pd.DataFrame) -> dict[str, float]:
    """Of each regime as `figure/regime`, and the hypervolume that all regimes reach together."""
    figures = [str(c) for c in indices if str(c).startswith("test_")]
    by_regime = {
        f"{figure}/{regime}": float(value)
        for figure in ("validation_hypervolume", *figures)
        for regime, value in zip(indices["regime"], indices[figure], strict=True)
    }
    together = {
        f"{part}_hypervolume": float(area(staircase_of(frame, part), record.reference.score))
        for part in ("validation", "test")
        if f"{part}_cost" in frame
    }
    return {**together, **by_regime}
