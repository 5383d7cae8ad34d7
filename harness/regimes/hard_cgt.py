"""Confidence-Gated Training, hard gate: deeper exits skip what a shallower one has mastered."""

from dataclasses import dataclass
from typing import Annotated

import torch
from torch import Tensor

from harness.core.parameters import bounded, described
from harness.regimes import Level, Regime, gate_thresholds


@dataclass(frozen=True)
class HardCGT(Regime):
    """g_1 = 1, g_e = prod_{k<e} (1 - beta m_k); m_k = 1 if exit k is right with max p_k >= tau_k.

    CGT, arXiv 2509.17885; beta = 1 is the paper, beta = 0 is `joint`.
    """

    beta: Annotated[float, bounded(0, 1, "residual-gate strength")] = 1.0
    tau: Annotated[Level | tuple[Level, ...], described("confidence that counts as mastered")] = 0.9

    def eligibility(self, logits: Tensor, labels: Tensor) -> Tensor:
        """The products of the gates: [E, N]."""
        confidence, predicted = logits.softmax(-1)[:-1].max(-1)
        sure = confidence >= gate_thresholds(self.tau, logits)[:, None]
        gate = 1 - self.beta * (sure & (predicted == labels)).to(logits.dtype)
        return torch.cat([torch.ones_like(logits[:1, :, 0]), gate.cumprod(0)])
