"""Largest softmax probability."""

from dataclasses import dataclass

from scipy.special import softmax

from harness.core.types import ExitLogits, Floats
from harness.policies import ExitPolicy


@dataclass(frozen=True)
class MaxSoftmax(ExitPolicy):
    """c_e = max_y p_e(y) (BranchyNet and most after it)."""

    def confidence(self, outputs: ExitLogits, fit_on: ExitLogits) -> Floats:
        """Confidences [E, N] in [1/K, 1]."""
        del fit_on
        probability: Floats = softmax(outputs.values.astype(float), axis=-1).max(-1)
        return probability
