"""Evaluate threshold vectors, on validation or on test: accuracy, cost and routing shares."""

from collections.abc import Iterator

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
        [E, N]: score of each exit's prediction; for classification bool, whether it is correct.
    costs
        [E]: cost of leaving at each exit.
    thresholds
        [F, E-1].
    """
    total_score, cost = np.zeros(len(thresholds)), np.zeros(len(thresholds))
    for index, leaving in enumerate(_leaving(confidence, thresholds)):
        total_score += leaving @ score[index].astype(np.float64)
        cost += costs[index] * leaving.sum(1)
    return total_score / confidence.shape[1], cost / confidence.shape[1]


def routing_shares(confidence: Floats, thresholds: Floats) -> Floats:
    """Routing shares [F, E]: share of the samples that leave at each exit, per threshold vector.

    Parameters
    ----------
    confidence
        [E, N].
    thresholds
        [F, E-1].

    Examples
    --------
    >>> routing_shares(np.array([[0.9, 0.2], [0.5, 0.5]]), np.array([[0.8], [1.0]])).tolist()
    [[0.5, 0.5], [0.0, 1.0]]
    """
    leaving = [left.mean(1) for left in _leaving(confidence, thresholds)]
    return np.column_stack(leaving)


def _leaving(confidence: Floats, thresholds: Floats) -> Iterator[Bools]:
    """Which samples leave at each exit in turn, per threshold vector: bool [F, N]."""
    inside = np.ones((len(thresholds), confidence.shape[1]), dtype=bool)
    for index in range(len(confidence) - 1):
        leaving = inside & (confidence[index] >= thresholds[:, index, None])
        inside &= ~leaving
        yield leaving
    yield inside
