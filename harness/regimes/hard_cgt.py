"""Confidence-Gated Training, hard gate: deeper exits skip confident, correct samples."""

from dataclasses import dataclass
from typing import ClassVar

from torch import Tensor

from harness.core.types import EVERY_TASK, TaskName
from harness.regimes import Regime
from harness.regimes.gates import HardTau, Strength, confident_and_correct, residual


@dataclass(frozen=True)
class HardCGT(Regime):
    """g_1 = 1, g_e = prod_{k<e} (1 - beta m_k); m_k = 1 if exit k is correct and max p_k >= tau_k.

    CGT, arXiv 2509.17885; beta = 1 is the paper, beta = 0 is `joint`.
    """

    tasks: ClassVar[tuple[TaskName, ...]] = EVERY_TASK

    beta: Strength = 1.0
    tau: HardTau = 0.9

    def eligibility(self, logits: Tensor, labels: Tensor) -> Tensor:
        """The products of the gates: [E, N]."""
        return residual(confident_and_correct(logits, labels, self.tau), self.beta)
