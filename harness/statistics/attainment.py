"""Attainment of staircases: surfaces of a regime over seeds, and the share of budgets attained.

A staircase attains a score at a budget where it is at least as high there. Of staircases that only
rise the surfaces are the empirical attainment surfaces of the frontiers (Grunert da Fonseca,
Fonseca and Hall 2001); those on test may fall, as nothing is chosen there.
"""

import math
from collections.abc import Sequence

import numpy as np

from harness.core.types import Staircase


def attainment_surfaces(seeds: Sequence[Staircase]) -> dict[str, Staircase]:
    """Best, median and worst attainment surface of the staircases of several seeds.

    Parameters
    ----------
    seeds
        One staircase per seed, at least one.

    Returns
    -------
    At each budget `best` is what some seed attains, `median` what at least half of the seeds do,
    `worst` what all do. With one seed the three are its staircase.

    Examples
    --------
    >>> one, other = (Staircase(np.array([b]), np.array([s])) for b, s in ((0.2, 0.8), (0.4, 0.9)))
    >>> found = attainment_surfaces([one, other])
    >>> [(each.budget.tolist(), each.score.tolist()) for each in found.values()]
    [([0.2, 0.4], [0.8, 0.9]), ([0.2, 0.4], [0.8, 0.9]), ([0.4], [0.8])]
    """
    marks = np.unique(np.concatenate([steps.budget for steps in seeds]))
    highest_first = -np.sort([-steps.at(marks) for steps in seeds], axis=0)
    surfaces = {}
    for name, attaining in (("best", 1), ("median", -(-len(seeds) // 2)), ("worst", len(seeds))):
        score = highest_first[attaining - 1]
        steps = score != np.append(-np.inf, score[:-1])
        surfaces[name] = Staircase(marks[steps], score[steps])
    return surfaces


def attained_share(steps: Staircase, other: Staircase, largest: float) -> float:
    """Share of another staircase that a staircase attains, in [0, 1].

    That of the budgets between the other's first step and `largest` at which the score is at least
    as high: the probability to attain what the other does at a budget drawn uniformly. Averaged
    over paired seeds it is the probability that one regime attains what the other does
    (docs/methods.md, "Probability to attain"); equal staircases attain each other with 1.

    Returns
    -------
    NaN where the other has no step below `largest`.

    Examples
    --------
    What the other reaches from 0.6 on is not attained.

    >>> steps = Staircase(np.array([0.1]), np.array([0.8]))
    >>> other = Staircase(np.array([0.2, 0.6]), np.array([0.7, 0.9]))
    >>> round(attained_share(steps, other, 1.0), 9)
    0.5
    """
    start = float(other.budget.min(initial=math.inf))
    if start >= largest:
        return math.nan
    marks = np.unique(np.concatenate([steps.budget, other.budget, [largest]]))
    marks = marks[(marks >= start) & (marks <= largest)]
    attained = steps.at(marks) >= other.at(marks)
    return min(1.0, float(np.diff(marks)[attained[:-1]].sum() / (largest - start)))
