"""One minus the normalised entropy of the softmax."""

from dataclasses import dataclass

import numpy as np
from scipy.special import entr, softmax

from harness.core.types import ExitLogits, Floats
from harness.policies import ExitPolicy


@dataclass(frozen=True)
class Entropy(ExitPolicy):
    """c_e = 1 - H(p_e) / log K (BranchyNet's rule, turned into a confidence)."""

    def confidence(self, outputs: ExitLogits, fit_on: ExitLogits) -> Floats:
        """Confidences [E, N] in [0, 1]."""
        del fit_on
        entropy = entr(softmax(outputs.values.astype(float), axis=-1)).sum(-1)
        confidence: Floats = np.clip(1 - entropy / np.log(outputs.values.shape[-1]), 0, 1)
        return confidence
