"""The sections of the report, in the order of the page."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import pandas as pd

from harness.analysis.pairs import SeedTables
from harness.analysis.verdict import Verdict
from harness.report.figures.drawing import Drawing
from harness.report.page.points import points_at_budgets
from harness.report.page.provenance import provenance
from harness.report.page.verdicts import GainList, gain_lists
from harness.report.sheets import Sheets
from harness.results.budget_table import BudgetTable
from harness.results.recommendation import Recommendations
from harness.results.study_record import Configuration, StudyRecord

_WITH_THE_CHART = ("pareto", "attainment")
"""Drawings in the section of the interactive chart: it replaces the first."""


@dataclass(frozen=True)
class Contents:
    """The contents of a report.

    Attributes
    ----------
    frontier
        The regimes' frontiers, evaluated on test.
    seeds
        The frontiers of each seed: of the fresh ones where the study is confirmed.
    verdicts
        What the seeds say against the study's baseline, and against the static reference.
    compared, pairs
        The regimes compared over seeds, and all pairs of them, see `harness.report.sheets`.
    budgets
        Operating points by regime and cost budget, see `harness.analysis.operating_points`.
    recommendations
        What to deploy for each of these budgets; None where nothing is confirmed.
    undertraining
        Which regimes' trainings end rising, in a sentence; empty where none does.
    drawings
        All figures; the page draws the frontiers itself, as an interactive chart.
    left_out
        What is not shown for want of the trials' outputs, in a sentence; empty where all is.
    """

    record: StudyRecord
    frontier: pd.DataFrame
    seeds: SeedTables
    verdicts: tuple[Verdict, ...]
    compared: Sheets
    pairs: Sheets
    budgets: BudgetTable
    recommendations: Recommendations | None
    undertraining: str
    drawings: tuple[Drawing, ...]
    left_out: str = ""


@dataclass(frozen=True)
class Section:
    """A part of the page.

    Attributes
    ----------
    anchor
        The section's id, for links.
    template
        Its file in `templates/`.
    shown
        What the template shows besides `Contents`.
    """

    anchor: str
    title: str
    template: str
    shown: (
        tuple[GainList, ...] | tuple[Drawing, ...] | tuple[Configuration, ...] | pd.DataFrame
    ) = ()


def sections(contents: Contents) -> tuple[Section, ...]:
    """All sections of a study's report."""
    record = contents.record
    found = tuple(each for verdict in contents.verdicts for each in gain_lists(verdict))
    points = points_at_budgets(contents.frontier)
    decided = any(verdict.decides for verdict in contents.verdicts)
    headline = "Better, worse, undecided" if decided else "Exploratory comparison"
    panels = tuple(drawing for drawing in contents.drawings if drawing.name == "attainment")
    rest = [drawing for drawing in contents.drawings if drawing.name not in _WITH_THE_CHART]
    return (
        Section("results", headline, "results.html", found),
        Section("frontiers", "Frontiers", "frontiers.html", panels),
        Section("budgets", "Best point within a cost budget", "budgets.html"),
        Section("regimes", "Regimes compared", "regimes.html"),
        *_drawn(rest),
        Section("points", "Operating points", "points.html", points),
        Section("failures", "Failed configurations", "failures.html", record.failed()),
        Section(
            "provenance",
            "Data and versions",
            "provenance.html",
            provenance(contents.record, contents.seeds),
        ),
    )


def _drawn(drawings: Sequence[Drawing]) -> Iterator[Section]:
    """A section for each group of drawings: those whose names agree up to the first underscore."""
    groups: dict[str, list[Drawing]] = {}
    for drawing in drawings:
        groups.setdefault(drawing.name.partition("_")[0], []).append(drawing)
    for name, group in groups.items():
        yield Section(name, group[0].title.partition(":")[0], "drawings.html", tuple(group))
