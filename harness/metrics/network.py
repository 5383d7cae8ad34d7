"""Metrics of one network at one operating point (docs/methods.md, "Metrics of one network")."""

import numpy as np
import pandas as pd
from scipy.special import softmax

from harness.core.types import ExitCosts, ExitLogits, Floats, Ints
from harness.metrics.overthinking import confusion, largest_drop, overthinking
from harness.metrics.regression import error_metrics
from harness.policies.predictions import ExitPredictions

CALIBRATION_BINS = 15
_DROPS = (0.01, 0.05, 0.1, 0.2, 0.5)
"""Drops d of the label's probability that `monotonicity_drop_d` counts."""


def network_metrics(
    logits: ExitLogits,
    predictions: ExitPredictions,
    costs: ExitCosts,
    route: Ints,
    reference_macs: float,
    scale: float = 1.0,
) -> dict[str, float]:
    """Accuracy or error, routing, calibration and overthinking of a network, by MLflow metric name.

    Parameters
    ----------
    predictions
        The exit policy's predictions for these samples.
    route
        int64 [N]: exit (from 0) that each sample takes.
    reference_macs
        MACs that relative costs are relative to.
    scale
        Unit of a regression's errors, see `harness.metrics.regression`.

    Returns
    -------
    relative_cost and per exit the routing share; of a regression also those of `error_metrics`, of
    a classification OA (overall accuracy), AA (mean of class accuracies), Cohen's kappa, macro and
    weighted F1, precision and recall; per exit: accuracy on all samples, expected calibration
    error, and `error_auroc_exit_e`: how well the policy's confidence separates correct predictions
    from wrong ones (left out where an exit is always or never correct); `overthinking`; SDN's
    confusion, averaged over samples; `monotonicity_drop_d`: share of samples whose label loses more
    than d of its probability from an exit to a deeper one. Calibration error, confusion and drops
    use the network's own logits, even where the policy rescales them.
    """
    shares = np.bincount(route, minlength=len(costs.macs)) / len(route)
    routing = {
        "relative_cost": float(costs.macs[route].mean() / reference_macs),
        **{f"share_exit_{index + 1}": float(share) for index, share in enumerate(shares)},
    }
    if logits.task == "regression":
        return routing | error_metrics(logits, predictions, route, scale)
    drop = largest_drop(logits)
    return {
        **routing,
        **taken_metrics(logits, predictions, route),
        **_per_exit(logits, predictions),
        **overthinking(predictions.correct, costs.macs / reference_macs, route),
        "confusion_mean": float(confusion(logits).mean()),
        **{f"monotonicity_drop_{least}": float((drop > least).mean()) for least in _DROPS},
    }


def taken_metrics(
    logits: ExitLogits, predictions: ExitPredictions, route: Ints, scale: float = 1.0
) -> dict[str, float]:
    """Metrics of the predictions that samples take, by MLflow metric name.

    Those of `network_metrics` that speak of no single exit: oa, aa, kappa and, macro and weighted,
    precision, recall and f1 of a classification; r2, mae, nll and rmse of a regression. Parameters
    are its too.
    """
    if logits.task == "regression":
        found = error_metrics(logits, predictions, route, scale)
        return {name: value for name, value in found.items() if "_exit_" not in name}
    samples = np.arange(len(route))
    return {
        "oa": float(predictions.correct[route, samples].mean()),
        **_agreement(logits.class_labels, predictions.predicted[route, samples]),
    }


def calibration_error(logits: ExitLogits) -> Floats:
    """Expected calibration error of each exit [E], over 15 equal bins (Guo et al. 2017)."""
    probability = softmax(logits.values.astype(float), axis=-1)  # noqa: PD011 -- no pandas
    confidence = probability.max(-1)
    gap = (probability.argmax(-1) == logits.labels) - confidence
    bins = np.minimum((confidence * CALIBRATION_BINS).astype(int), CALIBRATION_BINS - 1)
    sums = [np.bincount(b, g, CALIBRATION_BINS) for b, g in zip(bins, gap, strict=True)]
    errors: Floats = np.abs(sums).sum(1) / confidence.shape[1]
    return errors


def class_table(
    predictions: ExitPredictions, labels: Ints, route: Ints, exits: int, classes: tuple[str, ...]
) -> pd.DataFrame:
    """Metrics per class at one operating point: one row per class, in the order of `classes`.

    Parameters
    ----------
    labels
        int64 [N].
    route
        int64 [N]: exit (from 0) that each sample takes.
    exits
        E.
    classes
        Names [K].

    Returns
    -------
    Columns class, samples, accuracy (of the predictions taken), f1, share_exit_1.. (share of its
    samples that leave there) and mean_exit (from 1). Undefined values of a class without samples
    are NaN; its f1 is 0 if any sample is predicted as it.
    """
    from sklearn.metrics import precision_recall_fscore_support

    taken = predictions.predicted[route, np.arange(len(labels))]
    _, recall, f1, samples = precision_recall_fscore_support(
        labels, taken, labels=range(len(classes)), zero_division=np.nan
    )
    flat = np.bincount(labels * exits + route, minlength=len(classes) * exits)
    leaving = flat.reshape(len(classes), exits)
    shares = leaving / np.where(samples > 0, samples, np.nan)[:, None]
    return pd.DataFrame(
        {
            "class": classes,
            "samples": samples,
            "accuracy": recall,
            "f1": f1,
            **{f"share_exit_{e + 1}": share for e, share in enumerate(shares.T)},
            "mean_exit": shares @ np.arange(1, exits + 1),
        }
    )


def _agreement(labels: Ints, taken: Ints | Floats) -> dict[str, float]:
    from sklearn import metrics

    found = {
        "aa": float(metrics.recall_score(labels, taken, average="macro", zero_division=0)),
        "kappa": float(metrics.cohen_kappa_score(labels, taken)),
    }
    for average in ("macro", "weighted"):
        precision, recall, f1, _ = metrics.precision_recall_fscore_support(
            labels, taken, average=average, zero_division=0
        )
        found[f"precision_{average}"] = float(precision)
        found[f"recall_{average}"] = float(recall)
        found[f"f1_{average}"] = float(f1)
    return found


def _per_exit(logits: ExitLogits, predictions: ExitPredictions) -> dict[str, float]:
    from sklearn.metrics import roc_auc_score

    errors = calibration_error(logits)
    found = {}
    for index, correct in enumerate(predictions.correct):
        found[f"accuracy_exit_{index + 1}"] = float(correct.mean())
        found[f"ece_exit_{index + 1}"] = float(errors[index])
        if 0 < correct.sum() < len(correct):
            area = roc_auc_score(correct, predictions.confidence[index])
            found[f"error_auroc_exit_{index + 1}"] = float(area)
    return found
