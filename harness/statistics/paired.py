"""Differences between regimes, paired over seeds: intervals, signed-rank tests, Holm's correction.

Each seed's value comes with bootstrap replicates, computed on resampled test samples, so that an
interval speaks of both: other seeds and other test samples. With one seed there is no interval over
seeds.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np

from harness.core.errors import InputError
from harness.core.types import Floats, Ints

LEVEL = 0.05
"""The level of significance; intervals hold 95 %."""

IntervalOf: TypeAlias = Literal["seeds and test samples", "test samples"]
"""What an interval allows for."""


@dataclass(frozen=True)
class Estimate:
    """A mean over seeds with its 95 % interval.

    Attributes
    ----------
    mean
        Over the seeds, on the whole test part.
    low, high
        Ends of the interval.
    interval_of
        `test samples` where a study has one seed: the interval then says nothing of other seeds.
    """

    mean: float
    low: float
    high: float
    interval_of: IntervalOf


def estimate(values: Floats, groups: Ints) -> Estimate:
    """Mean of the seeds' values, with an interval over seeds and test samples.

    Student's t interval on the variance between seeds plus that which the test samples give to all
    seeds alike (docs/methods.md, "Intervals"; `benchmarks/interval_coverage.py` measures how often
    it holds the truth).

    Parameters
    ----------
    values
        [S, 1 + B]: per seed the value on the whole test part, then on B >= 2 resamples of it, the
        same resamples for all seeds of a group.
    groups
        [S]: group of each seed (its study); seeds vary within their group.

    Raises
    ------
    InputError
        There are no seeds.

    Examples
    --------
    >>> found = estimate(np.array([[0.5, 0.4, 0.6]]), np.array([0]))
    >>> found.mean, found.interval_of
    (0.5, 'test samples')
    """
    from scipy.special import stdtrit  # slow to import

    if not len(values):
        raise InputError("an estimate over seeds: found no seed, at least one is needed")
    plain, shifts = values[:, 0], values[:, 1:] - values[:, :1]
    mean, sampling = float(plain.mean()), float(shifts.mean(0).var(ddof=1))
    members = [np.flatnonzero(groups == group) for group in np.unique(groups)]
    fewest = min(map(len, members))
    if fewest == 1:
        half = float(stdtrit(math.inf, 1 - LEVEL / 2)) * math.sqrt(sampling)
        return Estimate(mean, mean - half, mean + half, "test samples")
    # What test samples do to each seed for itself is in the variance between seeds already.
    own = _variance_of_mean(shifts, members).mean()
    variance = _variance_of_mean(plain, members) + max(0.0, sampling - own)
    half = float(stdtrit(fewest - 1, 1 - LEVEL / 2)) * math.sqrt(variance)
    return Estimate(mean, mean - half, mean + half, "seeds and test samples")


def _variance_of_mean(values: Floats, members: Sequence[Ints]) -> Floats:
    """Variance of the mean of seeds [S, ...] that are drawn within groups: [...]."""
    parts = [len(rows) * values[rows].var(axis=0, ddof=1) for rows in members]
    found: Floats = np.sum(parts, axis=0) / len(values) ** 2
    return found


def signed_rank_p(differences: Floats) -> float | None:
    """Exact two-sided p-value of the signed-rank test, from at least 2 differences; else None.

    Wilcoxon's (1945) with zeros and ties as by Pratt (1959): absolute differences are ranked, zeros
    among them, equal ones share their mean rank, and zeros have no sign. Exact given the ranks: p
    is the share of all assignments of signs whose sum of positive ranks is as far from its mean.

    Examples
    --------
    >>> signed_rank_p(np.array([0.1, 0.2, 0.3]))
    0.25
    >>> signed_rank_p(np.array([0.1, 0.1, -0.1, 0.1]))
    0.625
    """
    from scipy.stats import rankdata  # slow to import

    if len(differences) <= 1:
        return None
    signed = differences != 0
    # Mean ranks are halves at most: doubled they are whole, and all sums can be counted.
    ranks = np.rint(2 * rankdata(np.abs(differences)))[signed].astype(np.int64)
    share = np.zeros(ranks.sum() + 1)
    share[0] = 1
    for rank in ranks:
        positive = np.concatenate([np.zeros(rank), share[:-rank]])
        share = (share + positive) / 2
    total = ranks.sum()
    found = abs(2 * ranks[differences[signed] > 0].sum() - total)
    return float(min(1.0, share[np.abs(2 * np.arange(total + 1) - total) >= found].sum()))


def significant(p: float | None) -> bool:
    """Whether a p-value is below the level of significance; None, where nothing was tested, is not.

    Examples
    --------
    >>> significant(0.05), significant(0.0312), significant(None)
    (False, True, False)
    """
    return p is not None and p < LEVEL


def smallest_p(pairs: int) -> float | None:
    """Smallest p-value that n pairs can give: 2 of their 2^n signs; None for fewer than 2.

    Examples
    --------
    >>> smallest_p(3), smallest_p(6)
    (0.25, 0.03125)
    """
    return 2.0 ** (1 - pairs) if pairs > 1 else None


def seeds_needed(tests: int) -> int:
    """Fewest pairs whose smallest p-value is significant after Holm's correction over some tests.

    Examples
    --------
    Against the baseline among 7 and among 14 regimes:

    >>> seeds_needed(6), seeds_needed(13)
    (8, 10)
    """
    return max(2, math.ceil(1 + math.log2(tests / LEVEL)))


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
