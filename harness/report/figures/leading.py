"""The few regimes that a picture of all frontiers shows: more than six lines cannot be read."""

from collections.abc import Collection

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


def leading_over_studies(ranks: pd.Series, baselines: Collection[str]) -> tuple[str, ...]:
    """The same few regimes for all of several studies: six at most, unless baselines are more.

    Parameters
    ----------
    ranks
        By regime its mean rank over the studies; NaN where some study lacks it: such regimes come
        last, in the order that they have here.
    baselines
        Of all studies.

    Examples
    --------
    >>> ranks = pd.Series({"rare": float("nan"), "a": 2.0, "b": 1.0, "joint": 3.0})
    >>> leading_over_studies(ranks, ["joint"])
    ('joint', 'b', 'a', 'rare')
    """
    ordered = ranks.sort_values(kind="stable", na_position="last").index
    fixed = [name for name in dict.fromkeys((*baselines, STATIC_REFERENCE)) if name in ordered]
    others = [str(name) for name in ordered if name not in fixed]
    return (*fixed, *others[: max(0, MOST_LINES - len(fixed))])
