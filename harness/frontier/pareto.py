"""Non-dominated sets of operating points (cost down, accuracy up), and quality indicators."""

import moocore
import numpy as np

from harness.core.types import Bools, Floats, Frontier, Ints
from harness.frontier.thresholds import ThresholdTable

_CELLS = 4096


def non_dominated(cost: Floats, accuracy: Floats) -> Bools:
    """Which points [P] are non-dominated: bool [P].

    Of equal points the first counts. Values must be finite.

    Examples
    --------
    >>> non_dominated(np.array([1.0, 2.0, 3.0]), np.array([0.5, 0.4, 0.9])).tolist()
    [True, False, True]
    """
    found = np.zeros(len(cost), dtype=bool)
    rest = _candidates(cost, accuracy)
    points = np.column_stack([cost[rest], accuracy[rest]])
    found[rest] = moocore.is_nondominated(points, maximise=[False, True])
    return found


def _candidates(cost: Floats, accuracy: Floats) -> Ints:
    """Indices of the points that are more accurate than all points in cheaper cells of the cost.

    The others are dominated. Of a threshold table's million points about a thousand remain, which
    makes the exact search fast.
    """
    span = float(np.ptp(cost))
    if span == 0:
        return np.arange(len(cost))
    cell = ((cost - cost.min()) / span * (_CELLS - 1)).astype(np.int64)
    best = np.full(_CELLS, -np.inf)
    np.maximum.at(best, cell, accuracy)
    cheaper = np.concatenate([[-np.inf], np.maximum.accumulate(best)[:-1]])
    return np.flatnonzero(accuracy > cheaper[cell])


def frontier_indices(cost: Floats, accuracy: Floats) -> Ints:
    """Indices of the non-dominated points among [P], by rising cost: int64 [F].

    Each is the most accurate within every budget from its own cost to that of the next.

    Examples
    --------
    >>> frontier_indices(np.array([3.0, 2.0, 1.0]), np.array([0.9, 0.4, 0.5])).tolist()
    [2, 0]
    """
    found = np.flatnonzero(non_dominated(cost, accuracy))
    return found[np.argsort(cost[found], kind="stable")]


def pareto_frontier(table: ThresholdTable) -> Frontier:
    """The non-dominated threshold vectors of a table, by rising cost."""
    cost, accuracy = table.cost.ravel(), table.accuracy.ravel()
    chosen = frontier_indices(cost, accuracy)
    if not table.accuracy.ndim:
        return Frontier(np.empty((1, 0)), accuracy, cost)
    indices = np.stack(np.unravel_index(chosen, table.accuracy.shape))
    thresholds = np.take_along_axis(table.levels, indices, axis=1).T
    return Frontier(thresholds, accuracy[chosen], cost[chosen])


def hypervolume(
    cost: Floats, accuracy: Floats, reference_cost: float, reference_accuracy: float
) -> float:
    """Hypervolume: area dominated by points [P] up to a reference point; 0 where none dominates it.

    Examples
    --------
    >>> hypervolume(np.array([0.5]), np.array([0.9]), 1.0, 0.1)
    0.4
    """
    if not len(cost):
        return 0.0
    points = np.column_stack([cost, accuracy])
    reference = np.array([reference_cost, reference_accuracy])
    return float(moocore.hypervolume(points, ref=reference, maximise=[False, True]))


def accuracy_at(cost: Floats, accuracy: Floats, budget: float, floor: float) -> float:
    """Best accuracy of points [P] within `budget`; `floor` where none is."""
    affordable = accuracy[cost <= budget]
    return float(affordable.max(initial=floor))


def knee(cost: Floats, accuracy: Floats, reference_cost: float, reference_accuracy: float) -> int:
    """Knee: index of the point that alone dominates the largest area up to the reference point."""
    area = np.maximum(reference_cost - cost, 0) * np.maximum(accuracy - reference_accuracy, 0)
    return int(np.argmax(area))
