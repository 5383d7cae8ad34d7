"""Sentences under a comparison that keep its numbers from being misread."""

from collections.abc import Iterator

import pandas as pd

from harness.core.budgets import BUDGETS, percent
from harness.report.figures.style import STATIC_REFERENCE


def remarks(table: pd.DataFrame, prefix: str = "") -> str:
    """What is to be said of a comparison's numbers, each sentence after a blank; may be empty.

    Parameters
    ----------
    table
        A row per regime (and study and policy, if it has these columns), with hypervolume, scores
        within budgets and the best score as numbers.
    prefix
        Of these columns: `test_`, `validation_`, or none for test.
    """
    found = [*_unaffordable(table, prefix), *_above_best(table, prefix)]
    if groups := [name for name in ("study", "policy") if name in table]:
        several = len(table[groups].drop_duplicates()) > 1
        for names, rows in table.groupby(groups, sort=False):
            found += _against_static(
                rows, prefix, f" ({', '.join(map(str, names))})" if several else ""
            )
    else:
        found += _against_static(table, prefix, "")
    return "".join(f" {sentence}" for sentence in found)


def _measure(table: pd.DataFrame, prefix: str) -> str:
    return "rmse" if f"{prefix}best_rmse" in table else "accuracy"


def _unaffordable(table: pd.DataFrame, prefix: str) -> Iterator[str]:
    """Budgets at which cells are empty."""
    measure = _measure(table, prefix)
    empty = [
        f"{percent(budget)}%"
        for budget in BUDGETS
        if table[f"{prefix}{measure}_at_{percent(budget)}"].isna().any()
    ]
    if empty:
        yield (
            f"Empty at {', '.join(empty)}: every point of the regime (of some seed, over several) "
            "costs more."
        )


def _above_best(table: pd.DataFrame, prefix: str) -> Iterator[str]:
    """Scores within a budget that are better than the best."""
    measure = _measure(table, prefix)
    best = table[f"{prefix}best_{measure}"]
    sign = -1 if measure == "rmse" else 1
    within = [table[f"{prefix}{measure}_at_{percent(budget)}"] for budget in BUDGETS]
    if any((sign * score > sign * best).any() for score in within):
        yield (
            "Best is best on validation, at any cost: on test the point that validation chose "
            "within a budget may be better."
        )


def _against_static(rows: pd.DataFrame, prefix: str, where: str) -> Iterator[str]:
    """How early exits stand to separate static networks."""
    areas = rows.set_index("regime")[f"{prefix}hypervolume"]
    if STATIC_REFERENCE not in areas or len(areas) == 1:
        return
    static, part = areas.pop(STATIC_REFERENCE), prefix.removesuffix("_") or "test"
    than = f"{part} hypervolume than {STATIC_REFERENCE}, separate static networks{where}"
    above = areas[areas > static]
    if above.empty:
        yield (
            f"No early-exit regime has more {than}: {static:.4f}, the best of them "
            f"{areas.idxmax()} {areas.max():.4f}. So evaluated, early exit does not pay here."
        )
    else:
        below = ", ".join(map(str, areas.index.difference(above.index, sort=False)))
        lacking = f", all but {below}" if below else ""
        yield f"{len(above)} of {len(areas)} early-exit regimes have more {than}{lacking}."
