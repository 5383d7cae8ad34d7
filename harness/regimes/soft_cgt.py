"""Confidence-Gated Training, soft gate: deeper exits learn the residual of the shallower ones."""

from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal

from torch import Tensor

from harness.core.parameters import described
from harness.core.types import EVERY_TASK, TaskName
from harness.regimes import Regime
from harness.regimes.gates import (
    SoftTau,
    Steepness,
    Strength,
    logistic,
    residual,
    target_probability,
)


@dataclass(frozen=True)
class SoftCGT(Regime):
    """g_1 = 1, g_e = prod_{k<e} (1 - beta h(s_k)) with s_k = p_k(y), the target's probability.

    CGT, arXiv 2509.17885. h is `identity` (h = s) or `logistic` (h = sigmoid(kappa (s - tau_k)));
    the authors' CIFAR-100 code is `logistic` with kappa = 1 and tau = 0.9. beta = 0 is `joint`.
    """

    tasks: ClassVar[tuple[TaskName, ...]] = EVERY_TASK

    beta: Strength = 1.0
    h: Annotated[Literal["identity", "logistic"], described("shape of the gate")] = "identity"
    kappa: Steepness = 1.0
    tau: SoftTau = 0.9

    def eligibility(self, logits: Tensor, labels: Tensor) -> Tensor:
        """The products of the gates: [E, N]."""
        if self.h == "identity":
            return residual(target_probability(logits, labels), self.beta)
        return residual(logistic(logits, labels, self.kappa, self.tau), self.beta)
