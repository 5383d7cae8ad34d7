"""Largest softmax probability."""

from dataclasses import dataclass

from scipy.special import softmax

from harness.core.types import Floats, Logits
from harness.exits import Confidence


@dataclass(frozen=True)
class MaxSoftmax(Confidence):
    """c_e = max_y p_e(y) (BranchyNet and most after it)."""

    def confidence(self, logits: Logits) -> Floats:
        """Confidences [E, N] in [1/K, 1]."""
        probability: Floats = softmax(logits.astype(float), axis=-1).max(-1)
        return probability
