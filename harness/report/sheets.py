"""Comparisons as sheets: tables with what must stand beside them, for people and for scripts."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from harness.analysis.comparison import (
    rank_table,
    regime_table,
    verdict,
    verdict_over_studies,
    with_ranks,
)
from harness.analysis.pairs import pair_table, seed_tables
from harness.core.budgets import BUDGETS, percent
from harness.report.formats import cells
from harness.results.study_record import StudyRecord

HEADS = {
    "seeds": "n",
    "hypervolume": "hypervolume [95%]",
    "difference": "difference [95%]",
    "p_holm": "p (Holm)",
    "smallest_p": "smallest p",
    **{f"accuracy_at_{percent(b)}": f"acc. at {percent(b)}%" for b in BUDGETS},
    **{f"rmse_at_{percent(b)}": f"RMSE at {percent(b)}%" for b in BUDGETS},
    **{f"cost_at_{share}": f"cost at {share}%" for share in (95, 99)},
    "best_accuracy": "best",
    "best_rmse": "best RMSE",
}
FOR_SCRIPTS = ["study", "trials", "p", "smallest_p", "rank", "mean_rank"]
"""Columns of the regimes' table that people read elsewhere: in captions, notes and ranks."""


@dataclass(frozen=True)
class Sheet:
    """A table for people.

    Attributes
    ----------
    title
        A few words.
    note
        What the numbers rest on and allow to say.
    text
        The table, all cells text.
    label
        For references in a paper.
    """

    title: str
    note: str
    text: pd.DataFrame
    label: str


@dataclass(frozen=True)
class Sheets:
    """The same comparison twice: all numbers in one table for scripts, sheets for people."""

    numbers: pd.DataFrame
    sheets: tuple[Sheet, ...]


def regime_sheets(folders: Sequence[Path]) -> Sheets:
    """The regimes of each study and, of several studies, their ranks and a summary.

    Raises
    ------
    InputError
        The frontier stage of a study has not run.
    """
    studies = [seed_tables(folder) for folder in folders]
    tables = [regime_table(study) for study in studies]
    ranked = with_ranks(tables)
    sheets = [
        Sheet(
            title=f"{study.record.name}: regimes compared over seeds",
            note=f"{_rests_on(study.record)} {verdict(table, study.record.spec.baseline)}",
            text=cells(table.drop(columns=FOR_SCRIPTS, errors="ignore"), _heads(study.record)),
            label=f"tab:{study.record.name}",
        )
        for study, table in zip(studies, tables, strict=True)
    ]
    if len(studies) > 1:
        names = {study.record.name: study.record.name for study in studies}
        text = cells(rank_table(ranked).map(_rank), names)
        baselines = {study.record.name: study.record.spec.baseline for study in studies}
        note = verdict_over_studies(ranked, baselines)
        sheets.append(Sheet("Ranks by test hypervolume", note, text, "tab:ranks"))
    return Sheets(ranked, tuple(sheets))


def pair_sheets(folders: Sequence[Path]) -> Sheets:
    """All pairs of regimes in each study and, of several, over all of them; errors as above."""
    studies = [seed_tables(folder) for folder in folders]
    table = pair_table(studies)
    notes = {study.record.name: _rests_on(study.record) for study in studies}
    together = f"Paired over study and seed: {', '.join(notes)}."
    sheets = [
        Sheet(
            title=f"{name}: pairs of regimes, test hypervolume",
            note=notes.get(name, together),
            text=cells(table[table["study"] == name].drop(columns="study"), HEADS | {"pairs": "n"}),
            label=f"tab:pairs-{name.replace(' ', '-')}",
        )
        for name in map(str, table["study"].unique())
    ]
    return Sheets(table, tuple(sheets))


def evaluation_sheets(tables: Sequence[pd.DataFrame]) -> Sheets:
    """The tables of `policy_comparison` of some studies, as one."""
    table = pd.concat(tables, ignore_index=True)
    sheet = Sheet(
        title="Regimes compared anew",
        note="Thresholds from validation; a regime's frontier is over all its seeds together.",
        text=cells(table, {}),
        label="tab:compare",
    )
    return Sheets(table, (sheet,))


def _heads(record: StudyRecord) -> dict[str, str]:
    baseline = record.spec.baseline
    compared = {"gain": f"gain over {baseline} [95%]", "attains_baseline": f"attains {baseline}"}
    return HEADS | compared


def _rests_on(record: StudyRecord) -> str:
    caption = record.caption
    return f"{caption[0].upper()}{caption[1:]}."


def _rank(value: object) -> object:
    return f"{value:.3g}" if isinstance(value, float) else value
