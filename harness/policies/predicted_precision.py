"""Predicted precision of a regression: large where the predicted variance is small."""

from dataclasses import dataclass
from typing import ClassVar

from harness.core.types import ExitLogits, Floats, TaskName
from harness.policies import ExitPolicy


@dataclass(frozen=True)
class PredictedPrecision(ExitPolicy):
    """c_e = 1 / (1 + mean over targets of the predicted variance), of standardised targets.

    0.5 for a predicted variance equal to that of the targets, 1 for a predicted variance of 0. The
    same confidence gates regressions in training.
    """

    tasks: ClassVar[tuple[TaskName, ...]] = ("regression",)

    def confidence(self, outputs: ExitLogits, fit_on: ExitLogits) -> Floats:
        """Confidences [E, N] in [0, 1]."""
        del fit_on
        precision: Floats = 1 / (1 + outputs.variances.mean(-1))
        return precision
