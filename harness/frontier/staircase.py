"""Staircases: at each cost budget the score of the point that validation chose for it.

Everything that is said of a frontier on test is said of its staircase, so that nothing is chosen
there (docs/methods.md, "Staircase"). On validation it is the frontier itself.
"""

import numpy as np

from harness.core.types import Floats, Staircase
from harness.frontier.pareto import frontier_indices

FULL_COST = 1.0
"""The largest budget: the relative cost of the study's full static network."""


def staircase(cost: Floats, score: Floats, judged: Floats) -> Staircase:
    """The staircase of points [P]: at budget c the `judged` score of the best point within c.

    The best point is that of the largest `score` among those of `cost` <= c, both on validation;
    `judged` has no part in the choice.

    Parameters
    ----------
    cost, score
        [P]: on validation, where points are chosen.
    judged
        [..., P]: on the part that is reported, or on resamples of it.

    Examples
    --------
    The second point is chosen for 0.5 and more, though it is worse on the other part.

    >>> cost, score = np.array([0.2, 0.5, 0.6]), np.array([0.7, 0.9, 0.8])
    >>> steps = staircase(cost, score, np.array([0.85, 0.8, 0.99]))
    >>> steps.budget.tolist(), steps.score.tolist()
    ([0.2, 0.5], [0.85, 0.8])
    """
    chosen = frontier_indices(cost, score)
    return Staircase(cost[chosen], judged[..., chosen])


def area(steps: Staircase, floor: float) -> Floats:
    """Area between a staircase and a floor over the budgets from 0 to full cost: float64 [...].

    What lies below the floor counts 0, as do budgets within which there is no point. On validation
    it is the hypervolume (docs/methods.md, "Indices").

    Examples
    --------
    >>> float(area(Staircase(np.array([0.5, 0.75]), np.array([0.75, 0.5])), 0.25))
    0.1875
    """
    marks = np.minimum(np.append(steps.budget, FULL_COST), FULL_COST)
    found: Floats = (np.maximum(steps.score - floor, 0) * np.diff(marks)).sum(-1)
    return found


def epsilon(steps: Staircase, reference: Staircase) -> float:
    """Additive epsilon (Zitzler et al. 2003) of a staircase to a reference, both of one axis [S].

    For each step of the reference the least amount that has to be added to its budget and to the
    score found there to reach the step; of these the largest. 0 or less where all are reached.

    Examples
    --------
    >>> one, other = (Staircase(np.array([b]), np.array([s])) for b, s in ((0.5, 0.75), (0.25, 1)))
    >>> epsilon(one, other)
    0.25
    """
    budget, score = reference.budget[:, None], reference.score[:, None]
    least = np.maximum(steps.budget - budget, score - steps.score)
    # A step is used only while it lasts: an earlier, better one is not what validation chose.
    lasts = least < np.append(steps.budget[1:], np.inf) - budget
    return float(np.where(lasts, least, np.inf).min(1).max())
