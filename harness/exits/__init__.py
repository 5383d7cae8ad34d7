"""Exit policies: from the outputs of all exits to confidences, and from thresholds to routes."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Annotated, ClassVar

import pydantic

from harness.core.parameters import STRICT, described
from harness.core.registry import Registry
from harness.core.types import ExitLogits, Floats, Ints


@dataclass(frozen=True)
class Confidence(ABC):
    """An exit policy: a sample leaves at the first exit whose confidence reaches the threshold.

    Its members are pure functions of cached outputs, so that every policy applies to every network
    already trained. `harness.exits.decision.decide` is how they are called.
    """

    __pydantic_config__: ClassVar[pydantic.ConfigDict] = STRICT
    needs_gates: ClassVar[bool] = False
    """Whether it applies only to networks with gate heads of their own."""

    calibrated: Annotated[
        bool, described("divide each exit's logits by a temperature fitted on validation")
    ] = False

    @abstractmethod
    def confidence(self, outputs: ExitLogits, validation: ExitLogits) -> Floats:
        """Confidences float64 [E, N] in [0, 1].

        Parameters
        ----------
        outputs
            Of the samples to decide about; their labels are not to be looked at.
        validation
            Outputs of the validation part, the only ones that a policy may fit anything on.

        Raises
        ------
        InputError
            The policy needs what this network does not give (gate heads, say).
        """

    def answers(self, outputs: ExitLogits) -> Ints:
        """The class that each exit answers with: int64 [E, N]; its own most probable one."""
        answers: Ints = outputs.values.argmax(-1)
        return answers


CONFIDENCES = Registry("harness.exits.confidences", Confidence)
