"""Given threshold vectors on another split: the test image of a frontier."""

import numpy as np

from harness.core.types import Bools, Floats


def evaluate(
    confidence: Floats, score: Floats | Bools, costs: Floats, thresholds: Floats
) -> tuple[Floats, Floats]:
    """Accuracy (mean score) [F] and mean cost [F] of threshold vectors.

    Parameters
    ----------
    confidence
        [E, N].
    score
        [E, N]: what leaving at each exit is worth; for classes bool, whether the answer is right.
    costs
        [E].
    thresholds
        [F, E-1].
    """
    vectors, samples = len(thresholds), confidence.shape[1]
    inside = np.ones((vectors, samples), dtype=bool)
    worth, cost = np.zeros(vectors), np.zeros(vectors)
    for index in range(len(confidence)):
        leaving = inside
        if index < len(confidence) - 1:
            leaving = inside & (confidence[index] >= thresholds[:, index, None])
            inside &= ~leaving
        worth += leaving @ score[index].astype(np.float64)
        cost += costs[index] * leaving.sum(1)
    return worth / samples, cost / samples
