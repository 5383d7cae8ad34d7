"""Exit policies: from the logits of all exits to confidences, and from thresholds to routes."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import ClassVar

import pydantic

from harness.core.parameters import STRICT
from harness.core.registry import Registry
from harness.core.types import Floats, Logits


@dataclass(frozen=True)
class Confidence(ABC):
    """A confidence measure: a sample leaves at the first exit where it reaches the threshold."""

    __pydantic_config__: ClassVar[pydantic.ConfigDict] = STRICT

    @abstractmethod
    def confidence(self, logits: Logits) -> Floats:
        """Confidences float64 [E, N] in [0, 1] from logits [E, N, K]."""


CONFIDENCES = Registry("harness.exits.confidences", Confidence)
