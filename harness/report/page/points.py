"""The operating points that the page lists: of each regime the best within each budget."""

import pandas as pd

from harness.analysis.chosen_points import best_within
from harness.core.budgets import BUDGETS
from harness.report.exceeded import EXCEEDED
from harness.report.figures.pareto import thresholds_in_words
from harness.results.tables import score_column


def points_at_budgets(frame: pd.DataFrame) -> pd.DataFrame:
    """Of each regime the point that is best on validation within 25, 50 and 75 % of the full cost.

    Parameters
    ----------
    frame
        The regimes' frontiers.

    Returns
    -------
    Text; budgets that are exceeded on test are marked, and a regime whose points all cost more says
    so.
    """
    return pd.DataFrame(
        [
            {"regime": regime, "budget": f"{budget:.0%}", **_point(rows, budget)}
            for regime, rows in frame.groupby("regime")
            for budget in BUDGETS
        ]
    )


def _point(rows: pd.DataFrame, budget: float) -> dict[str, str]:
    position = best_within(rows, budget)
    names = [f"{part} {what}" for part in ("validation", "test") for what in ("cost", "score")]
    if position is None:
        empty = dict.fromkeys(names, "")
        return empty | {"trial": "every point costs more", "seed": "", "thresholds": ""}
    chosen = rows.iloc[[position]]
    point = chosen.iloc[0]
    found = {
        name: f"{point[column]:.4f}"
        for name, column in zip(
            names,
            [c for p in ("validation", "test") for c in (f"{p}_cost", score_column(rows, p))],
            strict=True,
        )
    }
    if point["test_cost"] > budget:
        found["test cost"] += EXCEEDED
    return found | {
        "trial": str(point["key"]),
        "seed": str(point["seed"]),
        "thresholds": thresholds_in_words(chosen).iloc[0],
    }
