"""Figures of one network at one operating point (METHODS section 5)."""

import numpy as np
from scipy.special import softmax

from harness.core.types import Bools, ExitCosts, ExitLogits, Floats, Ints
from harness.exits.decision import Decision

CALIBRATION_BINS = 15


def network_metrics(
    logits: ExitLogits,
    decision: Decision,
    costs: ExitCosts,
    route: Ints,
    reference_macs: float,
) -> dict[str, float]:
    """Accuracy, routing, calibration and overthinking of a network, by MLflow metric name.

    Parameters
    ----------
    decision
        What the exit policy decides about these samples.
    route
        int64 [N]: exit (from 0) that each sample takes.
    reference_macs
        MACs that relative costs are relative to.

    Returns
    -------
    OA (overall accuracy), AA (mean of class accuracies), Cohen's kappa, macro and weighted F1,
    precision and recall; per exit: accuracy on all samples, routing share, expected calibration
    error; destructive (right at an earlier exit, wrong where it left) and wasteful (right earlier,
    still right where it left) overthinking (SDN); the oracle point that leaves at the first right
    exit.
    """
    from sklearn import metrics  # noqa: PLC0415

    exits, samples = logits.values.shape[:2]
    correct = decision.correct
    taken = decision.answers[route, np.arange(samples)]
    found = {
        "oa": float(correct[route, np.arange(samples)].mean()),
        "aa": float(metrics.recall_score(logits.labels, taken, average="macro", zero_division=0)),
        "kappa": float(metrics.cohen_kappa_score(logits.labels, taken)),
        "relative_cost": float(costs.macs[route].mean() / reference_macs),
    }
    for average in ("macro", "weighted"):
        precision, recall, f1, _ = metrics.precision_recall_fscore_support(
            logits.labels, taken, average=average, zero_division=0
        )
        found[f"precision_{average}"] = float(precision)
        found[f"recall_{average}"] = float(recall)
        found[f"f1_{average}"] = float(f1)
    shares = np.bincount(route, minlength=exits) / samples
    errors = calibration_error(logits)
    for index in range(exits):
        found[f"accuracy_exit_{index + 1}"] = float(correct[index].mean())
        found[f"share_exit_{index + 1}"] = float(shares[index])
        found[f"ece_exit_{index + 1}"] = float(errors[index])
    return found | _overthinking(correct, costs.macs / reference_macs, route)


def calibration_error(logits: ExitLogits) -> Floats:
    """Expected calibration error of each exit [E], over 15 equal bins (Guo et al. 2017)."""
    probability = softmax(logits.values.astype(float), axis=-1)
    confidence = probability.max(-1)
    gap = (probability.argmax(-1) == logits.labels) - confidence
    bins = np.minimum((confidence * CALIBRATION_BINS).astype(int), CALIBRATION_BINS - 1)
    sums = [np.bincount(b, g, CALIBRATION_BINS) for b, g in zip(bins, gap, strict=True)]
    errors: Floats = np.abs(sums).sum(1) / confidence.shape[1]
    return errors


def _overthinking(correct: Bools, cost: Floats, route: Ints) -> dict[str, float]:
    exits, samples = correct.shape
    index = np.arange(exits)[:, None]
    right_before = (correct & (index < route)).any(0)
    right = correct[route, np.arange(samples)]
    first = np.where(correct.any(0), correct.argmax(0), 0)
    return {
        "destructive_overthinking": float((right_before & ~right).mean()),
        "wasteful_overthinking": float((right_before & right).mean()),
        "oracle_accuracy": float(correct.any(0).mean()),
        "oracle_relative_cost": float(cost[first].mean()),
    }
