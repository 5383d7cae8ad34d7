"""The page that puts several studies side by side: one self-contained file, a column per study."""

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from harness.analysis.pairs import SeedTables
from harness.analysis.verdict import Verdict, findings, limits
from harness.core.files import write_text
from harness.report.figures.drawing import Drawing
from harness.report.formats import SCORE_NAMES
from harness.report.page.gains import EXPLORATORY, gain_cell
from harness.report.page.rendering import asset, environment
from harness.report.page.sections import Section
from harness.report.recommended import difference_in_words, mean_in_words
from harness.report.sheets import Sheet
from harness.results.recommendation import Recommendation

SECTIONS = (
    Section("results", "What was found", "side_by_side/results.html"),
    Section("frontiers", "Frontiers", "side_by_side/frontiers.html"),
    Section("budgets", "Recommended", "side_by_side/budgets.html"),
    Section("gains", "Gains over the baseline", "side_by_side/gains.html"),
    Section("ranks", "Ranks", "side_by_side/ranks.html"),
    Section("provenance", "Data and versions", "side_by_side/provenance.html"),
)


@dataclass(frozen=True)
class StudyColumn:
    """What the page shows of one study.

    Attributes
    ----------
    tables
        Over its fresh seeds where it is confirmed.
    verdicts
        Against its baseline, and against the static reference where it has that.
    drawing
        Its frontiers: of the same regimes, in the same colours, in every column.
    absent
        Of these regimes those that the study lacks.
    recommendations
        What to deploy by cost budget, None where nothing is that cheap; none where the study is not
        confirmed.
    undertraining
        Which regimes' trainings end rising, in a sentence; empty where none does.
    """

    tables: SeedTables
    verdicts: tuple[Verdict, ...]
    drawing: Drawing
    absent: tuple[str, ...]
    recommendations: tuple[tuple[float, Recommendation | None], ...]
    undertraining: str

    @property
    def name(self) -> str:
        """The study's."""
        return self.tables.record.name


@dataclass(frozen=True)
class SideBySide:
    """The contents of the page.

    Attributes
    ----------
    regimes
        All regimes of the studies, by mean rank.
    numbers
        The regimes compared in each study, see `harness.report.sheets.regime_sheets`.
    ranks
        The regimes that all studies have, with the verdict over the studies as its note.
    not_comparable
        What may not be compared between the studies, in sentences.
    provenance
        What each study's numbers rest on, a column per study.
    """

    columns: tuple[StudyColumn, ...]
    regimes: tuple[str, ...]
    numbers: pd.DataFrame
    ranks: Sheet
    not_comparable: tuple[str, ...]
    provenance: pd.DataFrame

    @property
    def name(self) -> str:
        """Of the page's downloads."""
        return "+".join(column.name for column in self.columns)

    @property
    def undecided(self) -> tuple[str, ...]:
        """The studies whose seeds cannot decide."""
        return tuple(each.name for each in self.columns if not each.verdicts[0].decides)


def write_page(path: Path, contents: SideBySide) -> None:
    """Write the page, atomically."""
    text = (
        environment()
        .get_template("side_by_side.html")
        .render(
            contents=contents,
            sections=SECTIONS,
            findings=findings,
            limits=limits,
            gain_cell=gain_cell,
            exploratory=EXPLORATORY,
            score_names=SCORE_NAMES,
            mean_in_words=mean_in_words,
            difference_in_words=difference_in_words,
            css=asset("page.css"),
            scripts=[asset("page.js")],
        )
    )
    write_text(path, text)
