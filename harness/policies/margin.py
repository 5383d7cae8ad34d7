"""Difference of the two largest softmax probabilities."""

from dataclasses import dataclass

import numpy as np
from scipy.special import softmax

from harness.core.types import ExitLogits, Floats
from harness.policies import ExitPolicy


@dataclass(frozen=True)
class Margin(ExitPolicy):
    """c_e = p_e(first) - p_e(second)."""

    def confidence(self, outputs: ExitLogits, fit_on: ExitLogits) -> Floats:
        """Confidences [E, N] in [0, 1]."""
        del fit_on
        top = np.partition(softmax(outputs.values.astype(float), axis=-1), -2, axis=-1)
        margin: Floats = top[..., -1] - top[..., -2]
        return margin
