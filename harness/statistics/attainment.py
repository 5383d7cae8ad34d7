"""Empirical attainment surfaces of a regime over seeds, and the probability to attain.

A frontier attains a point when one of its points costs no more and is at least as accurate
(Grunert da Fonseca, Fonseca and Hall 2001). Surfaces are exact: moocore's `eaf`.
"""

import math
from collections.abc import Sequence

import moocore
import numpy as np
import numpy.typing as npt

from harness.core.types import Floats

_PERCENT_OF_SEEDS = {"best": 0.0, "median": 50.0, "worst": 100.0}
"""Percent of the seeds that attain each surface; 0 stands for a single seed."""


def attainment_surfaces(
    cost: Floats, accuracy: Floats, seeds: Sequence[int] | npt.NDArray[np.integer]
) -> dict[str, tuple[Floats, Floats]]:
    """Best, median and worst attainment surface of the frontiers of several seeds.

    Parameters
    ----------
    cost, accuracy
        [P]: points of all frontiers together, finite; dominated ones have no effect.
    seeds
        [P]: seed of the frontier of each point.

    Returns
    -------
    Per surface the corners of its staircase, cost [C] and accuracy [C], both rising. Every point on
    `best` or dominated by it is attained by some seed, of `median` by at least half of the seeds,
    of `worst` by all. With one seed the three are its frontier.

    Examples
    --------
    >>> found = attainment_surfaces(np.array([0.2, 0.4]), np.array([0.8, 0.9]), [0, 1])
    >>> [[x.tolist() for x in found[level]] for level in ("best", "worst")]
    [[[0.2, 0.4], [0.8, 0.9]], [[0.4], [0.8]]]
    """
    _, sets = np.unique(seeds, return_inverse=True)
    order = np.argsort(sets, kind="stable")
    points = np.column_stack([cost, -accuracy])[order]
    corners = moocore.eaf(points, sets[order] + 1, percentiles=list(_PERCENT_OF_SEEDS.values()))
    found = {}
    for name, percent in _PERCENT_OF_SEEDS.items():
        chosen = corners[corners[:, 2] == percent]
        chosen = chosen[np.argsort(chosen[:, 0])]
        found[name] = (chosen[:, 0], -chosen[:, 1])
    return found


def attained_share(
    cost: Floats,
    accuracy: Floats,
    other_cost: Floats,
    other_accuracy: Floats,
    reference_cost: float,
) -> float:
    """Share of another staircase that a frontier attains, in [0, 1].

    The staircase of the other is, at each budget c, the best accuracy of its points that cost at
    most c. The share is that of the budgets between the other's cheapest point and `reference_cost`
    at which the frontier is at least as accurate: the probability to attain what the other does at
    a budget drawn uniformly. The number of listed points does not matter. Averaged over paired
    seeds it is the probability that one regime attains what the other does (docs/methods.md,
    "Probability to attain"); equal frontiers attain each other with 1.

    Parameters
    ----------
    cost, accuracy
        [P]: points of the frontier; an empty one attains nothing.
    other_cost, other_accuracy
        [Q]: points of the other frontier.
    reference_cost
        The largest budget.

    Returns
    -------
    NaN where the other has no point below `reference_cost`.

    Examples
    --------
    The other has a point from 0.2 on; what it reaches from 0.6 on is not attained.

    >>> cost, accuracy = np.array([0.1]), np.array([0.8])
    >>> round(attained_share(cost, accuracy, np.array([0.2, 0.6]), np.array([0.7, 0.9]), 1.0), 9)
    0.5
    """
    start = float(other_cost.min(initial=math.inf))
    if start >= reference_cost:
        return math.nan
    marks = np.unique(np.concatenate([cost, other_cost, [reference_cost]]))
    marks = marks[(marks >= start) & (marks <= reference_cost)]
    attained = staircase(cost, accuracy, marks) >= staircase(other_cost, other_accuracy, marks)
    return min(1.0, float(np.diff(marks)[attained[:-1]].sum() / (reference_cost - start)))


def staircase(cost: Floats, accuracy: Floats, budgets: Floats) -> Floats:
    """Best accuracy of points [P] within each budget [B]; -inf where none is within budget.

    Examples
    --------
    >>> staircase(np.array([0.5, 0.2]), np.array([0.9, 0.7]), np.array([0.1, 0.2, 1.0])).tolist()
    [-inf, 0.7, 0.9]
    """
    order = np.argsort(cost)
    best = np.maximum.accumulate(np.concatenate([[-np.inf], accuracy[order]]))
    found: Floats = best[np.searchsorted(cost[order], budgets, side="right")]
    return found
