"""Threshold table: accuracy and cost of every threshold vector on a grid, exactly.

Confidences are binned once; (E-1)-dimensional histograms and their cumulative sums (a summed-area
table) then give every vector's counts: O(E N + E G^(E-1)) work instead of O(N G^(E-1)). Correct
predictions are counted; the real scores of a regression are summed in the same way
(docs/methods.md, "Threshold table").
"""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from harness.core.errors import InputError
from harness.core.types import Bools, Floats, Ints

MOST_LEVELS = 20_000
_DEFAULT_VECTORS, _MOST_VECTORS = 1e6, 1e8


@dataclass(frozen=True)
class ThresholdTable:
    """Accuracy and cost of every threshold vector of a grid.

    Attributes
    ----------
    levels
        float64 [E-1, G]: rising thresholds of each exit that may be left early.
    accuracy, cost
        float64 [G] * (E-1): mean score (accuracy or R^2), and mean cost in the unit of the given
        costs. With one exit both have shape ().
    """

    levels: Floats
    accuracy: Floats
    cost: Floats


def default_levels(exits: int) -> int:
    """Levels per exit that make about 10^6 vectors, at most 20,000 levels."""
    levels: int = round(_DEFAULT_VECTORS ** (1 / max(exits - 1, 1)))
    return min(levels, MOST_LEVELS)


def check_levels(levels: int, exits: int) -> None:
    """Refuse a table of more than 10^8 vectors: it would not fit the memory.

    Raises
    ------
    InputError
        The message names the most levels for this number of exits.
    """
    early = max(exits - 1, 1)
    if levels**early > _MOST_VECTORS:
        # Rounded before the floor, since 1e8 ** (1 / 4) is 99.99999.
        most = min(math.floor(round(_MOST_VECTORS ** (1 / early), 6)), MOST_LEVELS)
        raise InputError(
            f"levels: {levels} levels at {exits} exits make {float(levels) ** early:.1e} threshold "
            f"vectors; at most {_MOST_VECTORS:.0e} are counted: give at most {most} levels"
        )


def threshold_levels(confidence: Floats, levels: int) -> Floats:
    """Threshold levels [E-1, G]: quantiles of each exit's confidences, and infinity.

    A threshold lies halfway between two neighbouring observed confidences: rounding on another
    machine or with another batch size changes no sample's exit. With `levels` > N there is one
    between any two, so that the table holds every possible routing. At the lowest level all samples
    leave, at the last (infinity) none.

    Parameters
    ----------
    confidence
        [E, N].
    """
    early = np.sort(confidence[:-1], axis=1)
    samples = early.shape[1]
    picks = np.round(np.linspace(0, samples - 1, levels - 1)).astype(int)
    never = np.full((len(early), 1), np.inf)
    between = [_below(values, values[picks]) for values in early]
    return np.concatenate([np.reshape(between, (len(early), len(picks))), never], axis=1)


def _below(values: Floats, chosen: Floats) -> Floats:
    """Halfway from each chosen value [G] down to the next smaller of the sorted values [N]."""
    first = np.searchsorted(values, chosen)
    smaller = np.where(first > 0, values[first - 1], 0.0)
    middle = (smaller + chosen) / 2
    return np.where(middle > smaller, middle, chosen)


def threshold_table(
    confidence: Floats, score: Floats | Bools, costs: Floats, levels: Floats
) -> ThresholdTable:
    """Accuracy and mean cost of every vector on the grid, exactly.

    Parameters
    ----------
    confidence
        [E, N].
    score
        [E, N]: score of each exit's prediction; for classification bool, whether it is correct.
    costs
        [E]: cost of leaving at each exit.
    levels
        [E-1, G], each row rising.

    Examples
    --------
    Two samples, two exits; the first exit is correct and confident on the first sample only.

    >>> confidence = np.array([[0.9, 0.4], [0.8, 0.8]])
    >>> correct = np.array([[True, False], [True, True]])
    >>> table = threshold_table(confidence, correct, np.array([1.0, 3.0]), np.array([[0.3, 0.5]]))
    >>> table.accuracy.tolist(), table.cost.tolist()
    ([0.5, 1.0], [1.0, 2.0])
    """
    exits, samples = confidence.shape
    early = exits - 1
    bins = _bins(confidence, levels)
    shape = (levels.shape[1],) * early
    total_score = np.zeros(shape)
    cost = np.full(shape, samples * float(costs[-1]))
    for index in range(exits):
        passed, left = bins[:index], bins[index : index + 1]
        unused = (None,) * (early - len(passed) - len(left))
        total_score += _total(passed, left, score[index], levels.shape[1])[..., *unused]
        if index < early:
            leaving = _total(passed, left, np.ones(samples, dtype=bool), levels.shape[1])
            cost -= (costs[-1] - costs[index]) * leaving[..., *unused]
    return ThresholdTable(levels, total_score / samples, cost / samples)


def _bins(confidence: Floats, levels: Floats) -> Ints:
    """Number of levels that each early exit's confidence reaches: [E-1, N], from 0 to G."""
    pairs = zip(levels, confidence[:-1], strict=True)
    found = [np.searchsorted(row, values, side="right") for row, values in pairs]
    return np.array(found, dtype=np.int64).reshape(len(levels), confidence.shape[1])


def _total(
    passed: Ints, left: Ints, score: Floats | Bools, size: int
) -> Floats | npt.NDArray[np.int32]:
    """Summed scores of the samples that pass some exits and leave at the next, per levels vector.

    A sample leaves an exit at level j when its bin exceeds j. So the histogram of the bins is
    summed from below along the exits passed and from above along the exit left; `left` is empty
    for the last exit, which needs no threshold.
    """
    bins = np.concatenate([passed, left])
    shape = (size + 1,) * len(bins)
    flat = np.ravel_multi_index(tuple(bins), shape) if len(bins) else np.zeros(len(score), int)
    totals: Floats | npt.NDArray[np.int32]
    if score.dtype == bool:
        # Half the memory of int64, and half the time.
        totals = np.bincount(flat[score], minlength=math.prod(shape)).astype(np.int32)
    else:
        totals = np.bincount(flat, score, math.prod(shape)).astype(np.float64, copy=False)
    totals = totals.reshape(shape)
    for axis in range(len(bins)):
        below = np.cumsum(totals, axis=axis, out=totals)
        every, last = ((slice(None),) * axis + (cut,) for cut in (slice(size), slice(size, None)))
        totals = below[every] if axis < len(passed) else below[last] - below[every]
    return totals
