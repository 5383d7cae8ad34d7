"""The few regimes that a picture of all frontiers shows: more than six lines cannot be read."""

import pandas as pd

from harness.analysis.pairs import SeedTables
from harness.report.figures.style import STATIC_REFERENCE

MOST_LINES = 6


def mean_hypervolumes(tables: SeedTables) -> pd.Series:
    """Mean test hypervolume of each regime over its seeds: a series by regime."""
    return tables.hypervolumes[0].groupby("regime").mean()


def leading(hypervolumes: pd.Series, baseline: str) -> tuple[str, ...]:
    """The baseline, the static reference and the best others, together six at most.

    Parameters
    ----------
    hypervolumes
        By regime.

    Examples
    --------
    >>> leading(pd.Series({"joint": 0.5, "single_exit": 0.4, "a": 0.6, "b": 0.7}), "joint")
    ('joint', 'single_exit', 'b', 'a')
    """
    ordered = hypervolumes.sort_values(ascending=False, kind="stable").index
    fixed = [name for name in dict.fromkeys((baseline, STATIC_REFERENCE)) if name in ordered]
    return (
        *fixed,
        *[str(name) for name in ordered if name not in fixed][: MOST_LINES - len(fixed)],
    )
