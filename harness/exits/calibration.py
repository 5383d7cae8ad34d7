"""Temperature scaling of each exit (Guo et al. 2017, arXiv 1706.04599)."""

import dataclasses

import numpy as np
from scipy.optimize import minimize
from scipy.special import log_softmax, softmax

from harness.core.types import ExitLogits, Floats

BOUND = 5.0
"""Largest absolute log temperature: a perfectly separated validation part would ask for 0."""


def temperatures(validation: ExitLogits) -> Floats:
    """Temperature [E] of each exit that minimises its negative log-likelihood, by L-BFGS.

    Examples
    --------
    Logits twice as sure as they are right: of 4 samples the exit is wrong about one.

    >>> values = np.log(np.array([[[0.9, 0.1]] * 4], dtype=np.float32))
    >>> found = temperatures(ExitLogits(values, np.array([0, 0, 0, 1])))
    >>> bool(np.isclose(found[0], 2.0, atol=1e-3))
    True
    """
    logits = validation.values.astype(np.float64)
    picked = np.take_along_axis(logits, validation.labels[None, :, None], axis=-1)[..., 0]

    def loss(log_scale: Floats) -> tuple[float, Floats]:
        scaled = logits * np.exp(-log_scale)[:, None, None]
        chosen = np.take_along_axis(
            log_softmax(scaled, axis=-1), validation.labels[None, :, None], axis=-1
        )
        mean = (softmax(scaled, axis=-1) * logits).sum(-1)
        slope = ((picked - mean) * np.exp(-log_scale)[:, None]).mean(1)
        return float(-chosen.mean(1).sum()), slope

    exits = len(logits)
    bounds = [(-BOUND, BOUND)] * exits
    found = minimize(loss, np.zeros(exits), jac=True, method="L-BFGS-B", bounds=bounds)
    scale: Floats = np.exp(found.x)
    return scale


def divide(outputs: ExitLogits, scale: Floats) -> ExitLogits:
    """The outputs with each exit's logits divided by its temperature [E]."""
    values = (outputs.values / scale[:, None, None]).astype(np.float32)
    return dataclasses.replace(outputs, values=values)
