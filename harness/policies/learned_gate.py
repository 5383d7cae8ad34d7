"""Probability that the exit is correct, as the network's gate heads predict it."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from harness.core.errors import InputError
from harness.core.types import ExitLogits, Floats
from harness.policies import ExitPolicy


@dataclass(frozen=True)
class LearnedGatePolicy(ExitPolicy):
    """c_e = the gate head's probability that exit e is correct (of the regime `learned_gate`)."""

    needs_gates: ClassVar[bool] = True
    uncalibrated_because: ClassVar[str] = "a temperature changes neither gates nor predictions"

    def confidence(self, outputs: ExitLogits, fit_on: ExitLogits) -> Floats:
        """Confidences [E, N] in [0, 1]; raises InputError when the network has no gates."""
        del fit_on
        if outputs.gates is None:
            raise InputError(
                "policy learned_gate needs a network trained with the regime learned_gate, "
                "found outputs without gates"
            )
        return outputs.gates.astype(np.float64)
