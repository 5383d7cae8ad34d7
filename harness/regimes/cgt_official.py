"""Confidence-Gated Training as its authors ran it on CIFAR-100, extended to any number of exits."""

from dataclasses import dataclass
from typing import Annotated, Literal

import numpy as np
from torch import Tensor

from harness.core.parameters import PerExit, described
from harness.regimes import LambdaEnd, LambdaStart, Leak, Normalise, Regime, Smoothing
from harness.regimes.gates import (
    HardTau,
    SoftTau,
    Steepness,
    Strength,
    confident_and_correct,
    logistic,
    residual,
)


@dataclass(frozen=True)
class CGTOfficial(Regime):
    """`hard_cgt` or logistic `soft_cgt` with the defaults of the authors' scripts for four exits.

    Lists of exit weights are curves over depth, from the first exit to the last: on a network of
    another number of exits they are interpolated linearly. Only the threshold of the
    chosen gate is used. The authors' manual trains the hard gate with 0.9 instead of 0.5, their
    released network with 0.8. For classification, as the authors': its label smoothing has no
    meaning for real values, which `hard_cgt` and `soft_cgt` train with any of the other values.
    """

    lambda_start: LambdaStart = (1.0, 0.7, 0.4, 0.1)
    lambda_end: LambdaEnd = (0.2, 0.5, 0.8, 1.0)
    eps: Leak = 1e-3
    normalise: Normalise = True
    label_smoothing: Smoothing = 0.1
    gate: Annotated[Literal["hard", "soft"], described("which of the two gates")] = "soft"
    beta: Strength = 1.0
    kappa: Steepness = 1.0
    tau_hard: HardTau = 0.5
    tau_soft: SoftTau = 0.9

    def eligibility(self, logits: Tensor, labels: Tensor) -> Tensor:
        """The products of the gates: [E, N]."""
        if self.gate == "hard":
            return residual(confident_and_correct(logits, labels, self.tau_hard), self.beta)
        return residual(logistic(logits, labels, self.kappa, self.tau_soft), self.beta)

    def exit_weights(self, exits: int) -> tuple[PerExit, PerExit]:
        """The two curves at the relative depths of `exits` exits."""
        return _at_depths(self.lambda_start, exits), _at_depths(self.lambda_end, exits)


def _at_depths(curve: PerExit, exits: int) -> PerExit:
    if not isinstance(curve, tuple) or not curve:
        return curve
    given = np.linspace(0, 1, len(curve))
    return tuple(np.interp(np.linspace(0, 1, exits), given, curve).tolist())
