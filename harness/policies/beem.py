"""Weighted confidences of successive exits that agree, added up (BEEM)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Literal

import numpy as np
from scipy.special import softmax

from harness.core.parameters import described
from harness.core.types import ExitLogits, Floats
from harness.policies import ExitPolicy


@dataclass(frozen=True)
class BEEM(ExitPolicy):
    """c_e = S_e / (w_1 + ... + w_e), S_e = w_e max p_e + (S_{e-1} where exits e-1 and e agree).

    BEEM (arXiv 2502.00745): the exits are experts that vote. S_e starts anew from w_e max p_e where
    exit e predicts otherwise than exit e-1, and is divided by its largest value, which with one
    threshold per exit only changes the scale. The paper weighs exits by accuracy or by cost; costs
    are no part of a network's outputs, so that here depth stands for cost.
    """

    weights: Annotated[
        Literal["accuracy", "depth"],
        described("w_e: accuracy of exit e on held-out samples, or e, where stages cost alike"),
    ] = "accuracy"

    def fitted(self, fit_on: ExitLogits) -> Mapping[str, Floats]:
        """The weights of the exits: [E, 1]."""
        exits = len(fit_on.values)
        weights: Floats = np.arange(1.0, exits + 1)
        if self.weights == "accuracy":
            weights = (self.predict(fit_on) == fit_on.class_labels).mean(1)
        return {"weights": weights[:, None]}

    def confidence(self, outputs: ExitLogits, fit_on: ExitLogits) -> Floats:
        """Confidences [E, N] in [0, 1]; 0 where the exits so far are never right."""
        weights = self.fitted(fit_on)["weights"]
        predicted = self.predict(outputs)
        votes: Floats = weights * softmax(outputs.values.astype(float), axis=-1).max(-1)
        for index in range(1, len(votes)):
            votes[index] += votes[index - 1] * (predicted[index] == predicted[index - 1])
        largest = weights.cumsum(0)
        # Rounding may exceed the largest value.
        return np.minimum(votes / np.where(largest > 0, largest, 1), 1)
