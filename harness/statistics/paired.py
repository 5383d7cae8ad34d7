"""Differences between regimes, paired over seeds: intervals, Wilcoxon tests and Holm's correction.

Each seed's value comes with bootstrap replicates, computed on resampled test samples. Resampling
the seeds as well gives intervals of both levels; with one seed they cover the sampling of test
data only, and with few seeds they are too narrow (the variance between seeds is underestimated by
the factor (n - 1) / n): n is always reported with them.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from harness.core.errors import InputError
from harness.core.types import Floats, Ints

_CONFIDENCE = 0.95
_SEED = 0


@dataclass(frozen=True)
class Estimate:
    """A mean over seeds with its bootstrap interval.

    Attributes
    ----------
    mean
        Over the seeds, on the whole test part.
    low, high
        Ends of the 95 % interval.
    """

    mean: float
    low: float
    high: float


def estimate(values: Floats, groups: Ints) -> Estimate:
    """Mean of the seeds' values, with a bootstrap interval over seeds and test samples.

    Parameters
    ----------
    values
        [S, 1 + B]: per seed the value on the whole test part, then on B resamples of it, the same
        resamples for all seeds of a group.
    groups
        [S]: group of each seed; seeds are resampled within their group (their study).

    Returns
    -------
    The interval holds the middle 95 % of the resampled means (percentile bootstrap). The random
    generator is always seeded alike, so that results repeat and differences are paired.

    Raises
    ------
    InputError
        There are no seeds.

    Examples
    --------
    >>> estimate(np.array([[0.5, 0.4, 0.6]]), np.array([0])).mean
    0.5
    """
    if not len(values):
        raise InputError("an estimate over seeds: found no seed, at least one is needed")
    generator = np.random.default_rng(_SEED)
    replicates = np.arange(1, values.shape[1])
    total = np.zeros(len(replicates))
    for group in np.unique(groups):
        rows = np.flatnonzero(groups == group)
        drawn = rows[generator.integers(len(rows), size=(len(rows), len(replicates)))]
        total += values[drawn, replicates].sum(0)
    mean = float(values[:, 0].mean())
    tail = (1 - _CONFIDENCE) / 2
    low, high = np.quantile(total / len(values), [tail, 1 - tail])
    return Estimate(mean, float(low), float(high))


def signed_rank_p(differences: Floats) -> float | None:
    """Exact two-sided p-value of Wilcoxon's signed-rank test (1945), from at least 2 differences.

    None for fewer. Differences of 0 are dropped, as by Wilcoxon; 1 where there are no others.

    Examples
    --------
    >>> signed_rank_p(np.array([0.1, 0.2, 0.3]))
    0.25
    """
    from scipy.stats import wilcoxon

    if len(differences) <= 1:
        return None
    unequal = differences[differences != 0]
    return float(wilcoxon(unequal, method="exact").pvalue) if len(unequal) else 1.0


def smallest_p(pairs: int) -> float | None:
    """Smallest p-value that n pairs can give: 2 of their 2^n signs; None for fewer than 2.

    Examples
    --------
    >>> smallest_p(3), smallest_p(6)
    (0.25, 0.03125)
    """
    return 2.0 ** (1 - pairs) if pairs > 1 else None


def holm(values: Sequence[float | None]) -> list[float | None]:
    """Holm-adjusted p-values of a family of tests (1979), in their order; None stays None.

    Examples
    --------
    >>> holm([0.01, None, 0.04, 0.03])
    [0.03, None, 0.06, 0.06]
    """
    tested = sorted((p, index) for index, p in enumerate(values) if p is not None)
    found: list[float | None] = [None] * len(values)
    largest = 0.0
    for rank, (p, index) in enumerate(tested):
        largest = max(largest, min(1.0, (len(tested) - rank) * p))
        found[index] = largest
    return found
