"""Regimes' metrics within a cost budget as tables with their notes, for people and scripts."""

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from harness.analysis.pairs import SeedTables
from harness.analysis.regime_metrics import ROUTING, regime_metrics
from harness.report.formats import cells
from harness.report.sheets import Sheet, Sheets, basis

HEADS = {
    "cost": "cost [95%]",
    "oa": "OA [95%]",
    "aa": "AA [95%]",
    "kappa": "kappa [95%]",
    **{
        f"{name}_{average}": f"{head}, {average} [95%]"
        for average in ("weighted", "macro")
        for name, head in (("f1", "F1"), ("precision", "P"), ("recall", "R"))
    },
    **{name: f"{head} [95%]" for name, head in (("r2", "R²"), ("mae", "MAE"), ("rmse", "RMSE"))},
    "nll": "NLL [95%]",
    "seeds": "n",
}
"""What people read above a column."""
_FIRST = (
    *("regime", "oa", "rmse", "routing", "cost", "f1_weighted", "precision_weighted"),
    *("recall_weighted", "aa", "kappa", "f1_macro", "seeds"),
)
_FOR_SCRIPTS = ("study", "fresh", "budget")


def metric_sheets(folders: Sequence[Path], budget: float) -> Sheets:
    """The metrics of each study's regimes within a budget of relative cost.

    Raises
    ------
    InputError
        As `harness.analysis.regime_metrics.regime_metrics` does.
    """
    each = [regime_metrics(folder, budget) for folder in folders]
    sheets = tuple(_sheet(tables, rows, budget) for tables, rows in each)
    return Sheets(pd.concat([rows for _, rows in each], ignore_index=True), sheets)


def _sheet(tables: SeedTables, rows: pd.DataFrame, budget: float) -> Sheet:
    record, kind = tables.record, "fresh" if tables.fresh else "searched"
    exploratory = "" if tables.fresh else " (exploratory)"
    return Sheet(
        title=f"{record.name}: metrics on test within {budget:.0%} of full cost, {kind} seeds"
        f"{exploratory}",
        note=f"{basis(record)} Of each seed the point that is best on its validation part "
        "within the budget, evaluated on test; means over seeds with Student's 95 % intervals. "
        "Routing is the share of the samples that leaves at exits 1, 2, .., on average."
        f"{_missing(tables, rows)}",
        text=cells(_shown(rows), HEADS),
        label=f"tab:metrics-{record.name}",
    )


def _shown(rows: pd.DataFrame) -> pd.DataFrame:
    """The columns that people read, routing as one of them."""
    shares = rows[[name for name in rows if str(name).startswith(ROUTING)]]
    # One word, which no terminal breaks.
    routing = (100 * shares).apply(lambda row: f"{'/'.join(f'{x:.1f}' for x in row)}%", axis=1)
    found = rows.assign(routing=routing).drop(columns=[*shares, *_FOR_SCRIPTS])
    order = [f"{name}{end}" for name in _FIRST for end in ("", "_low", "_high")]
    first = [name for name in order if name in found]
    return found[[*first, *(name for name in found if name not in first)]]


def _missing(tables: SeedTables, rows: pd.DataFrame) -> str:
    lacking = sorted(set(tables.frontiers["regime"]) - set(rows["regime"]))
    if not lacking:
        return ""
    return f" Left out, as every point of some seed costs more: {', '.join(lacking)}."
