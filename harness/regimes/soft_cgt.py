"""Confidence-Gated Training, soft gate: deeper exits learn the residual of the shallower ones."""

from dataclasses import dataclass
from typing import Annotated, Literal

import torch
from torch import Tensor

from harness.core.parameters import bounded, described
from harness.regimes import Level, Regime, gate_thresholds


@dataclass(frozen=True)
class SoftCGT(Regime):
    """g_1 = 1, g_e = prod_{k<e} (1 - beta h(s_k)) with s_k = p_k(y), the target's probability.

    CGT, arXiv 2509.17885. h is `identity` (h = s) or `logistic` (h = sigmoid(kappa (s - tau_k)));
    the authors' CIFAR-100 code is `logistic` with kappa = 1 and tau = 0.9. beta = 0 is `joint`.
    """

    beta: Annotated[float, bounded(0, 1, "residual-gate strength")] = 1.0
    h: Annotated[Literal["identity", "logistic"], described("shape of the gate")] = "identity"
    kappa: Annotated[float, bounded(0.01, 100, "steepness of the logistic gate")] = 1.0
    tau: Annotated[Level | tuple[Level, ...], described("middle of the logistic gate")] = 0.9

    def eligibility(self, logits: Tensor, labels: Tensor) -> Tensor:
        """The products of the gates: [E, N]."""
        shallow = logits[:-1].softmax(-1)
        index = labels.expand(shallow.shape[:2]).unsqueeze(-1)
        gate = shallow.gather(-1, index).squeeze(-1)
        if self.h == "logistic":
            gate = torch.sigmoid(self.kappa * (gate - gate_thresholds(self.tau, logits)[:, None]))
        return torch.cat([torch.ones_like(logits[:1, :, 0]), (1 - self.beta * gate).cumprod(0)])
