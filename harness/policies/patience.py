"""Patience: how many successive exits agree on the prediction."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from harness.core.types import ExitLogits, Floats
from harness.policies import ExitPolicy


@dataclass(frozen=True)
class Patience(ExitPolicy):
    """c_e = (number of successive exits, e the last of them, that predict as e does) / E.

    PABEE (Zhou et al. 2020, arXiv 2006.04152). Its counter is one less, since it excludes e: its
    patience t is the threshold (t + 1) / E at every exit.
    """

    uncalibrated_because: ClassVar[str] = "a temperature changes no prediction, nor agreement"

    def confidence(self, outputs: ExitLogits, fit_on: ExitLogits) -> Floats:
        """Confidences [E, N], multiples of 1/E up to e/E at exit e."""
        del fit_on
        predicted = self.predict(outputs)
        exits = np.arange(len(predicted))[:, None]
        changes = predicted[1:] != predicted[:-1]
        start = np.zeros_like(predicted)
        start[1:] = np.maximum.accumulate(np.where(changes, exits[1:], 0), axis=0)
        confidence: Floats = (exits - start + 1) / len(predicted)
        return confidence
