"""Metrics of a regression network: errors, likelihood and coverage of predicted intervals."""

import numpy as np
from scipy.stats import norm

from harness.core.types import ExitLogits, Floats, Ints
from harness.policies.predictions import ExitPredictions

_INTERVALS = {"1_sigma": 1.0, "90": float(norm.ppf(0.95))}
"""Half widths, in predicted deviations, of intervals of nominal coverage 68.3 % and 90 %."""


def rmse_of(score: Floats, scale: float) -> Floats:
    """Root mean squared error of mean scores (R^2), in the unit of `scale`.

    Parameters
    ----------
    score
        Any shape, at most 1.
    scale
        RMSE of always predicting the training mean: R^2 of 0.

    Examples
    --------
    >>> rmse_of(np.array([0.0, 0.75, 1.0]), 10.0).tolist()
    [10.0, 5.0, 0.0]
    """
    # Rounding may lift the score of a perfect prediction above 1 by the last bit.
    error: Floats = scale * np.sqrt(np.maximum(1 - score, 0))
    return error


def error_metrics(
    outputs: ExitLogits, predictions: ExitPredictions, route: Ints, scale: float
) -> dict[str, float]:
    """Regression metrics at one operating point and of each exit, by MLflow metric name.

    Parameters
    ----------
    predictions
        The exit policy's predictions for these samples.
    route
        int64 [N]: exit (from 0) that each sample takes.
    scale
        As in `rmse_of`: 1 for standardised targets.

    Returns
    -------
    rmse and mae (in the unit of `scale`), r2 and nll (of standardised targets, mean over them), of
    the predictions taken and of each exit on all samples; per exit also within_1_sigma and
    within_90: shares of targets inside predicted intervals of nominal coverage 68.3 % and 90 %.
    Likelihood and intervals use the network's own variances, even where the policy rescales them.
    """
    residual = outputs.labels - outputs.means
    error = np.abs(outputs.labels - predictions.predicted)
    squares, variance = np.square(residual), outputs.variances
    likelihood = (squares / variance + np.log(2 * np.pi * variance)).mean(-1) / 2
    samples = np.arange(len(route))
    measures = {"r2": predictions.score, "mae": scale * error.mean(-1), "nll": likelihood}
    found = {name: float(values[route, samples].mean()) for name, values in measures.items()}
    found["rmse"] = float(rmse_of(np.array(found["r2"]), scale))
    for name, values in measures.items():
        found |= _per_exit(name, values.mean(1))
    found |= _per_exit("rmse", rmse_of(predictions.score.mean(1), scale))
    for name, width in _INTERVALS.items():
        inside = np.abs(residual) <= width * np.sqrt(variance)
        found |= _per_exit(f"within_{name}", inside.mean((1, 2)))
    return found


def _per_exit(name: str, values: Floats) -> dict[str, float]:
    return {f"{name}_exit_{index + 1}": float(value) for index, value in enumerate(values)}
