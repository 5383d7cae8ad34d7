"""The frontier of one trained network, from its cached logits."""

import numpy as np

from harness.core.types import Bools, ExitCosts, ExitLogits, Floats, Frontier
from harness.exits import Confidence
from harness.frontier.evaluate import evaluate
from harness.frontier.pareto import frontier
from harness.frontier.thresholds import default_levels, threshold_levels, threshold_table


def right_answers(logits: ExitLogits) -> Bools:
    """Whether exit e classifies sample i rightly: bool [E, N]."""
    found: Bools = logits.values.argmax(-1) == logits.labels
    return found


def trial_frontier(
    logits: ExitLogits,
    costs: ExitCosts,
    policy: Confidence,
    levels: int | None,
    thresholds: tuple[float, ...] | None,
) -> Frontier:
    """Operating points of a network, with costs in MACs.

    Parameters
    ----------
    logits
        Of the validation part.
    levels
        Grid levels per exit; None takes about 10^6 vectors.
    thresholds
        One vector searched beforehand, the only point then; None finds the best on the grid.
    """
    confidence, correct = policy.confidence(logits.values), right_answers(logits)
    exits = len(confidence)
    if thresholds is not None and exits > 1:
        vector = np.array([thresholds])
        return Frontier(vector, *evaluate(confidence, correct, costs.macs, vector))
    grid = threshold_levels(confidence, levels or default_levels(exits))
    return frontier(threshold_table(confidence, correct, costs.macs, grid))


def image(
    logits: ExitLogits, costs: ExitCosts, policy: Confidence, thresholds: Floats
) -> tuple[Floats, Floats]:
    """Accuracy [F] and mean cost [F] (MACs) of threshold vectors [F, E-1] on other logits."""
    confidence = policy.confidence(logits.values)
    return evaluate(confidence, right_answers(logits), costs.macs, thresholds)
