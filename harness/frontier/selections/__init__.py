"""Threshold selections: threshold vectors chosen from the predictions on validation."""

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
    """A threshold selection: how threshold vectors are chosen, on validation only.

    `harness.frontier.evaluate` evaluates the chosen vectors, on validation or test.
    """

    __pydantic_config__: ClassVar[pydantic.ConfigDict] = STRICT

    @abstractmethod
    def select(self, predictions: ExitPredictions, costs: Floats) -> Floats:
        """Threshold vectors float64 [F, E-1], F >= 1; [1, 0] with one exit.

        Infinity is a threshold that no sample reaches. Vectors may repeat, and some may be
        dominated by others.

        Parameters
        ----------
        predictions
            The exit policy's predictions on the validation part; never modified.
        costs
            [E]: cost of leaving at each exit, rising.
        """


SELECTIONS = Registry("harness.frontier.selections", Selection)
