"""Geometric ensemble of the exits so far: its largest probability, and its prediction."""

from dataclasses import dataclass

import numpy as np
from scipy.special import log_softmax, softmax

from harness.core.types import ExitLogits, Floats, Ints
from harness.policies import ExitPolicy


@dataclass(frozen=True)
class GeometricEnsemble(ExitPolicy):
    """q_e(y) ~ (p_1(y) ... p_e(y))^(1/e), normalised; exit e predicts argmax q_e, c_e = max q_e.

    The ensemble of ZTW (Wołczyk et al. 2021, arXiv 2106.05409) with its weights and biases, which
    ZTW trains, left equal.
    """

    def confidence(self, outputs: ExitLogits, fit_on: ExitLogits) -> Floats:
        """Confidences [E, N] in [1/K, 1]."""
        del fit_on
        probability: Floats = softmax(_mean_log_probability(outputs), axis=-1).max(-1)
        return probability

    def predict(self, outputs: ExitLogits) -> Ints:
        """The most probable class of each ensemble: int64 [E, N]."""
        predicted: Ints = _mean_log_probability(outputs).argmax(-1)
        return predicted


def _mean_log_probability(outputs: ExitLogits) -> Floats:
    """Mean of the log-probabilities of exits 1..e: [E, N, K]."""
    logs = log_softmax(outputs.values.astype(float), axis=-1)
    mean: Floats = logs.cumsum(0) / np.arange(1, len(logs) + 1)[:, None, None]
    return mean
