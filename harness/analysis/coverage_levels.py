"""Which prediction sets cover less than their level, and why they may."""

import pandas as pd

_REASONS = {
    "conformal": "hold it only for samples like those that calibrated them, which chose nothing",
    "nested": "intersect the sets of exits 1 to e, of which only 1 - e alpha is to be expected",
    "anytime": "hold it only if labels are drawn from the network's own probabilities, of which "
    "trained networks are too sure",
}


def below_level(table: pd.DataFrame, alpha: float) -> "pd.Series[bool]":
    """Whether sets cover less than 1 - alpha by more than chance: one value per row.

    Their interval lies below 1 - alpha, or the coverage below both.

    Parameters
    ----------
    table
        As `harness.analysis.coverage.coverage_table` makes it.
    """
    level = 1 - alpha
    under = (table["coverage"] < level) & (table["coverage"] < table["low"])
    found: pd.Series[bool] = (table["high"] < level) | under
    return found


def level_note(table: pd.DataFrame, alpha: float) -> str:
    """How many sets of each construction are below 1 - alpha by more than chance, and why."""
    level = f"{1 - alpha:.0%}"
    below = below_level(table, alpha)
    if not below.any():
        return f"No coverage is below {level} by more than chance."
    counts = below.groupby(table["sets"], sort=False).agg(["sum", "size"])
    parts = [
        f"{found} of {size} of {name} sets, which {_REASONS[str(name)]}"
        for name, found, size in counts.itertuples(name=None)
        if found
    ]
    return f"Coverage is below {level} by more than chance (`below`) for {'; '.join(parts)}."
