"""The frontier of one trained network under one exit policy."""

import numpy as np

from harness.core.types import Floats, Frontier
from harness.exits.decision import Decision
from harness.frontier.evaluate import evaluate
from harness.frontier.pareto import frontier
from harness.frontier.thresholds import default_levels, threshold_levels, threshold_table


def trial_frontier(
    decision: Decision, costs: Floats, levels: int | None, thresholds: tuple[float, ...] | None
) -> Frontier:
    """Operating points of a network.

    Parameters
    ----------
    decision
        What the policy decides about the validation part.
    costs
        [E]: cost of leaving at each exit; the frontier's costs are in its unit.
    levels
        Grid levels per exit; None takes about 10^6 vectors.
    thresholds
        One vector searched beforehand, the only point then; None finds the best on the grid.
    """
    confidence, correct = decision.confidence, decision.correct
    exits = len(confidence)
    if thresholds is not None and exits > 1:
        vector = np.array([thresholds])
        return Frontier(vector, *evaluate(confidence, correct, costs, vector))
    grid = threshold_levels(confidence, levels or default_levels(exits))
    return frontier(threshold_table(confidence, correct, costs, grid))
