"""Frontier of one trial: operating points of its network under one exit policy."""

import numpy as np

from harness.core.types import Floats, Frontier
from harness.frontier.evaluate import evaluate
from harness.frontier.selections import Selection
from harness.policies.predictions import ExitPredictions


def trial_frontier(
    predictions: ExitPredictions,
    costs: Floats,
    selection: Selection,
    thresholds: tuple[float, ...] | None,
    chosen_on: ExitPredictions | None = None,
) -> Frontier:
    """Operating points of a network, in the order of its selection.

    Parameters
    ----------
    predictions
        The exit policy's predictions on the validation part.
    costs
        [E]: cost of leaving at each exit; the points' costs are in its unit.
    thresholds
        One vector already searched, then the only point; None for those of the selection.
    chosen_on
        The predictions that the selection sees, where those are of another part.
    """
    if thresholds is None or len(costs) == 1:
        vectors = selection.select(chosen_on or predictions, costs)
    else:
        vectors = np.array([thresholds])
    return Frontier(vectors, *evaluate(predictions.confidence, predictions.score, costs, vectors))
