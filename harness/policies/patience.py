"""How many exits in a row have given the same answer."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from harness.core.types import ExitLogits, Floats
from harness.policies import ExitPolicy


@dataclass(frozen=True)
class Patience(ExitPolicy):
    """c_e = (number of successive exits, e the last of them, that answer as e does) / E.

    PABEE (Zhou et al. 2020, arXiv 2006.04152). Its counter is one less, since it leaves e out: its
    patience t is the threshold (t + 1) / E at every exit.
    """

    uncalibrated_because: ClassVar[str] = "a temperature changes no prediction, nor agreement"

    def confidence(self, outputs: ExitLogits, validation: ExitLogits) -> Floats:
        """Confidences [E, N], multiples of 1/E up to e/E at exit e."""
        del validation
        answers = self.predict(outputs)
        exits = np.arange(len(answers))[:, None]
        changes = answers[1:] != answers[:-1]
        start = np.zeros_like(answers)
        start[1:] = np.maximum.accumulate(np.where(changes, exits[1:], 0), axis=0)
        confidence: Floats = (exits - start + 1) / len(answers)
        return confidence
