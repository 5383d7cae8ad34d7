"""Marks for budgets that validation kept and that are exceeded on test."""

import pandas as pd

from harness.core.budgets import BUDGETS, at_budgets, percent
from harness.report.formats import cell

EXCEEDED = "†"
_NOTE = f"{EXCEEDED} On test the points chosen within this budget on validation cost more than it."


def mark_exceeded(table: pd.DataFrame, prefix: str = "") -> pd.DataFrame:
    """A table whose scores within a budget are marked where the points cost more on test.

    Parameters
    ----------
    table
        With `accuracy_at_25`, .. (or `rmse_at_25`, ..) and `spent_at_25`, .., after the prefix.

    Returns
    -------
    Without the latter columns; marked scores are text.
    """
    spent = at_budgets(f"{prefix}spent")
    found = table.drop(columns=list(spent))
    for budget, name in zip(BUDGETS, spent, strict=True):
        ending = f"_at_{percent(budget)}"
        marks = (table[name] > budget).map({True: EXCEEDED, False: ""})
        scores = [c for c in found if str(c).startswith(prefix) and str(c).endswith(ending)]
        found = found.assign(**{str(c): found[c].map(cell) + marks for c in scores})
    return found


def exceeded_note(text: pd.DataFrame) -> str:
    """What the mark means, after a blank, where a table has any; else nothing."""
    marked = text.map(lambda value: str(value).endswith(EXCEEDED))
    return f" {_NOTE}" if marked.to_numpy().any() else ""
