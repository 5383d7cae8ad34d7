"""Confidence of the most probable class, sharpened."""

from dataclasses import dataclass
from typing import Annotated

import numpy as np

from harness.core.parameters import bounded
from harness.core.types import ExitLogits, Floats
from harness.policies import ExitPolicy

# A policy is NumPy alone, and applies to every network that was trained already: name it in a
# study, or compare it with others by `harness compare STUDY --policies`.


@dataclass(frozen=True)
class Template(ExitPolicy):
    """c_e = max_k p_e(k)^power: say here what it computes, and where it is from."""

    power: Annotated[float, bounded(0.1, 10, "how much sharper than the probability")] = 2.0

    def confidence(self, outputs: ExitLogits, fit_on: ExitLogits) -> Floats:
        """Confidences float64 [E, N] in [0, 1].

        Those of an exit depend neither on deeper exits nor on the order of the samples.

        Parameters
        ----------
        outputs
            Of the samples to route: `values` float32 [E, N, K]; their labels must not be used.
        fit_on
            Of held-out samples, with labels: the only data that a policy may be fitted on.
        """
        del fit_on
        values = outputs.values.astype(np.float64)
        shares = np.exp(values - values.max(-1, keepdims=True))
        shares /= shares.sum(-1, keepdims=True)
        confidence: Floats = shares.max(-1) ** self.power
        return confidence
