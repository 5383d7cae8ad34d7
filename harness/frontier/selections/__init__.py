"""Threshold selections: from what a policy decides on validation to the vectors worth running."""

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
    """How thresholds are chosen, on validation alone.

    What the chosen vectors reach, on validation or test, `harness.frontier.evaluate` tells.
    """

    __pydantic_config__: ClassVar[pydantic.ConfigDict] = STRICT

    @abstractmethod
    def select(self, predictions: ExitPredictions, costs: Floats) -> Floats:
        """Threshold vectors float64 [F, E-1], F >= 1; [1, 0] with one exit.

        Infinity is a threshold that no sample reaches. Vectors may repeat, and some may be
        dominated by others.

        Parameters
        ----------
        decision
            What the exit policy decides about the validation part; never changed.
        costs
            [E]: cost of leaving at each exit, rising.
        """


SELECTIONS = Registry("harness.frontier.selections", Selection)
