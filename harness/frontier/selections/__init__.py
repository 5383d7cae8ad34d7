"""Threshold selections: threshold vectors chosen from predictions on held-out samples."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import ClassVar

import pydantic

from harness.core.parameters import STRICT
from harness.core.plugins import Registry
from harness.core.types import Floats
from harness.policies.predictions import ExitPredictions


@dataclass(frozen=True)
class Selection(ABC):
    """A threshold selection: how threshold vectors are chosen, never on test.

    `harness.frontier.evaluate` evaluates the chosen vectors, on validation or test.
    """

    __pydantic_config__: ClassVar[pydantic.ConfigDict] = STRICT
    guarantees: ClassVar[bool] = False
    """Whether it promises something of later samples: it then sees the calibration part, which
    chose neither the network nor the policy's parameters, in place of validation."""

    @abstractmethod
    def select(self, predictions: ExitPredictions, costs: Floats) -> Floats:
        """Threshold vectors float64 [F, E-1], F >= 1; [1, 0] with one exit.

        Infinity is a threshold that no sample reaches. Vectors may repeat, and some may be
        dominated by others.

        Parameters
        ----------
        predictions
            The exit policy's predictions on the validation part, or see `guarantees`; never
            modified.
        costs
            [E]: cost of leaving at each exit, rising.
        """


SELECTIONS = Registry("harness.frontier.selections", Selection)
