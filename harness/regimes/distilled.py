"""Self-distillation: joint training in which the earlier exits also imitate the last."""

from dataclasses import dataclass
from typing import Annotated

import torch
from torch import Tensor
from torch.nn import functional

from harness.core.parameters import bounded
from harness.regimes import Regime


@dataclass(frozen=True)
class Distilled(Regime):
    """Self-distillation (Phuong and Lampert 2019, ICCV), alpha = 0 is `joint`.

    l_e = (1 - alpha) cross-entropy + alpha T^2 KL(softmax(z_E / T) || softmax(z_e / T)) for e < E,
    without gradient into z_E there; the last exit learns from the labels only, with its full
    weight (the authors' code gives it 1 - alpha). Their constant temperature is 4, their share 0.5.
    """

    alpha: Annotated[float, bounded(0, 1, "share of imitation in an exit's loss")] = 0.5
    temperature: Annotated[float, bounded(1, 20, "by which logits are divided")] = 4.0

    def losses(self, logits: Tensor, labels: Tensor) -> Tensor:
        """Mixed loss of each exit on each sample: [E, N]."""
        hard = super().losses(logits, labels)
        student = (logits[:-1] / self.temperature).log_softmax(-1)
        teacher = (logits[-1].detach() / self.temperature).log_softmax(-1).expand_as(student)
        soft = functional.kl_div(student, teacher, reduction="none", log_target=True).sum(-1)
        mixed = (1 - self.alpha) * hard[:-1] + self.alpha * self.temperature**2 * soft
        return torch.cat([mixed, hard[-1:]])
