"""Given threshold vectors on another split: the test image of a frontier."""

import numpy as np

from harness.core.types import Bools, Floats


def evaluate(
    confidence: Floats, correct: Bools, costs: Floats, thresholds: Floats
) -> tuple[Floats, Floats]:
    """Accuracy [F] and mean cost [F] of threshold vectors.

    Parameters
    ----------
    confidence
        [E, N].
    correct
        bool [E, N].
    costs
        [E].
    thresholds
        [F, E-1].
    """
    vectors, samples = len(thresholds), confidence.shape[1]
    inside = np.ones((vectors, samples), dtype=bool)
    right, cost = np.zeros(vectors), np.zeros(vectors)
    for index in range(len(confidence)):
        leaving = inside
        if index < len(confidence) - 1:
            leaving = inside & (confidence[index] >= thresholds[:, index, None])
            inside &= ~leaving
        right += leaving @ correct[index].astype(np.float64)
        cost += costs[index] * leaving.sum(1)
    return right / samples, cost / samples
