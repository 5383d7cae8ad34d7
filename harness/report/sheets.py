"""Comparisons of regimes as tables with the notes that belong to them, for people and scripts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from harness.analysis.comparison import (
    rank_table,
    regime_table,
    significance,
    verdict_over_studies,
    with_ranks,
)
from harness.analysis.pairs import SeedTables, pair_table, seed_tables
from harness.analysis.variance import variance_table
from harness.analysis.verdict import findings, limits, verdict
from harness.core.budgets import BUDGETS, percent
from harness.report.exceeded import exceeded_note, mark_exceeded
from harness.report.formats import cells
from harness.report.remarks import remarks
from harness.results.extent import extent_in_words
from harness.results.study_record import StudyRecord

HEADS = {
    "seeds": "n",
    "pairs": "n",
    "hypervolume": "hypervolume [95%]",
    "difference": "difference [95%]",
    "p_holm": "p (Holm)",
    "smallest_p": "smallest p",
    **{f"accuracy_at_{percent(b)}": f"acc. at {percent(b)}%" for b in BUDGETS},
    **{f"rmse_at_{percent(b)}": f"RMSE at {percent(b)}%" for b in BUDGETS},
    **{f"cost_at_{share}": f"cost at {share}%" for share in (95, 99)},
    "best_accuracy": "best acc.",
    "best_rmse": "best RMSE",
    "attains": "share ≥ other",
    "attained": "share ≤ other",
}
"""What people read above a column, by its name in tables for scripts."""
TEST_HEADS = {f"test_{name}": f"test {head}" for name, head in HEADS.items() if "[" not in head}
"""The same for columns named test_..."""

_FOR_SCRIPTS = ["study", "trials", "fresh", "p", "smallest_p", "rank", "mean_rank"]
"""Columns of the regimes' table that people read elsewhere: in captions, notes and ranks."""
# A narrow terminal shows the first columns alone.
_REGIMES_FIRST = ("regime", "hypervolume", "gain", "p_holm", "seeds", "best_accuracy", "best_rmse")
_PAIRS_FIRST = ("regime", "other", "difference", "p_holm", "pairs", "attains", "attained")


@dataclass(frozen=True)
class Sheet:
    """A table for people, the most important columns first.

    Attributes
    ----------
    title
        A few words.
    note
        The data, split and seeds that the numbers rest on, and what they show.
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
    """A comparison twice: all its numbers as one table for scripts, and as sheets for people."""

    numbers: pd.DataFrame
    sheets: tuple[Sheet, ...]


def regime_sheets(folders: Sequence[Path]) -> Sheets:
    """The regimes of each study compared over seeds and, of several studies, their ranks.

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
            title=f"{study.record.name}: regimes compared over {seeds_in_words(study.fresh)}",
            note=f"{_note(study, table)}{remarks(table)}",
            text=cells(_regimes_ordered(mark_exceeded(table)), _heads(study.record, table)),
            label=f"tab:{study.record.name}",
        )
        for study, table in zip(studies, tables, strict=True)
    ]
    sheets += [
        _variance_sheet(study.record.name, rows)
        for study in studies
        if len(rows := variance_table(study))
    ]
    if len(studies) > 1:
        names = {study.record.name: study.record.name for study in studies}
        text = cells(rank_table(ranked).map(_rank), names)
        baselines = {study.record.name: study.record.spec.baseline for study in studies}
        note = verdict_over_studies(ranked, baselines)
        sheets.append(Sheet("Ranks by test hypervolume", note, text, "tab:ranks"))
    return Sheets(ranked, tuple(sheets))


def _variance_sheet(name: str, rows: pd.DataFrame) -> Sheet:
    return Sheet(
        title=f"{name}: what the gains vary with",
        note="Shares of the variance of one seed's gain over the baseline: of which search found "
        "the configurations, of the seed with its split, and of which samples are tested.",
        text=cells(rows.drop(columns="study").map(_share), {}),
        label=f"tab:variance-{name}",
    )


def _share(value: object) -> object:
    return f"{value:.0%}" if isinstance(value, float) else value


def pair_sheets(folders: Sequence[Path]) -> Sheets:
    """All pairs of regimes in each study and, of several, over all of them; errors as above."""
    studies = [seed_tables(folder) for folder in folders]
    table, fresh = pair_table(studies), {study.record.name: study.fresh for study in studies}
    rests_on = {study.record.name: basis(study.record) for study in studies}
    together = f"Pairs of study and seed, of the studies {', '.join(rests_on)}."
    sheets = [
        _pair_sheet(name, rows, rests_on.get(name, together), fresh.get(name, all(fresh.values())))
        for name, rows in ((str(name), rows) for name, rows in table.groupby("study", sort=False))
    ]
    return Sheets(table, tuple(sheets))


def _pair_sheet(name: str, rows: pd.DataFrame, rests_on: str, fresh: bool) -> Sheet:
    share = (
        "The share ≥ other is that of the cost budgets, from the other's cheapest point to full "
        "cost, at which the point that validation chose for the regime is at least as accurate on "
        "test as the other's."
    )
    reach = (
        significance(int(rows["pairs"].max()), len(rows), "pairs of regimes")
        if fresh
        else "Exploratory: configurations were chosen on these seeds, so that nothing is tested."
    )
    shown = rows.drop(columns=["study", *_single_interval(rows)])
    return Sheet(
        title=f"{name}: pairs of regimes, test hypervolume",
        note=f"{rests_on} {reach} {share}",
        text=cells(ordered(shown, _PAIRS_FIRST), HEADS | interval_heads(rows, HEADS)),
        label=f"tab:pairs-{name.replace(' ', '-')}",
    )


def ordered(table: pd.DataFrame, first: Sequence[str], last: Sequence[str] = ()) -> pd.DataFrame:
    """The table with some columns in front and some at the end, as far as it has them."""
    between = [name for name in table if name not in {*first, *last}]
    return table[[name for name in (*first, *between, *last) if name in table]]


def _regimes_ordered(table: pd.DataFrame) -> pd.DataFrame:
    shown = table.drop(columns=[*_FOR_SCRIPTS, *_single_interval(table)], errors="ignore")
    return ordered(shown, _REGIMES_FIRST, last=("attains_baseline",))


def seeds_in_words(fresh: bool) -> str:
    """The kind of seeds that a comparison rests on."""
    return "fresh seeds" if fresh else "searched seeds (exploratory)"


def _note(study: SeedTables, table: pd.DataFrame) -> str:
    record = study.record
    baseline = record.spec.baseline
    found = verdict(study, baseline)
    exceeded = exceeded_note(mark_exceeded(table))
    note = f"{basis(record)} {findings(found)} {limits(found)}{exceeded}"
    if table["attains_baseline"].isna().all():
        return note
    better = "at least as accurate as" if record.reference.rmse is None else "at least as good as"
    return (
        f"{note} The share ≥ {baseline} is that of the cost budgets, from its cheapest point to "
        f"full cost, at which the point that validation chose for a regime is {better} "
        f"{baseline}'s on test."
    )


def _heads(record: StudyRecord, table: pd.DataFrame) -> dict[str, str]:
    baseline = record.spec.baseline
    compared = {"gain": f"gain over {baseline} [95%]", "attains_baseline": f"share ≥ {baseline}"}
    heads = HEADS | compared
    return heads | interval_heads(table, heads)


def interval_heads(table: pd.DataFrame, heads: Mapping[str, str]) -> dict[str, str]:
    """The heads of intervals that are of the test samples only, as with one seed."""
    if (table["interval_of"] != "test samples").any():
        return {}
    return {
        name: head.replace("[95%]", "[95%, test samples only]")
        for name, head in heads.items()
        if "[95%]" in head
    }


def _single_interval(table: pd.DataFrame) -> list[str]:
    """The column that says what intervals are of, where it says the same in every row."""
    return ["interval_of"] if len(set(table["interval_of"])) == 1 else []


def basis(record: StudyRecord) -> str:
    """The data, split and seeds that a study's numbers rest on, as the beginning of a note."""
    caption, extent = record.caption, extent_in_words(record)
    return f"{caption[0].upper()}{caption[1:]}.{extent and ' '}{extent}"


def _rank(value: object) -> object:
    return f"{value:.3g}" if isinstance(value, float) else value
