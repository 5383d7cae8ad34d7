"""All exits together, and a small gate head per exit that learns whether the exit is right."""

import math
from dataclasses import dataclass
from typing import Annotated

import torch
from torch import Tensor, nn
from torch.nn import functional

from harness.core.parameters import bounded
from harness.regimes import Regime

FEATURES = 3


@dataclass(frozen=True)
class LearnedGate(Regime):
    """`joint`; gates read largest probability, margin and entropy of their exit's output.

    After JEI-DNN (Regol et al. 2024) and EENet (Ilhan et al. 2024), here with binary cross-entropy
    against "this exit is right". No gradient of it reaches the network: AdamW makes a gate learn
    the same whatever the weight of its loss, so there is none. Gates read probabilities of classes.
    """

    hidden: Annotated[int, bounded(1, 1024, "hidden units of a gate head")] = 16

    def auxiliary(self, exits: int) -> nn.Module:
        """Gate heads: features [N, 3 E, 1] to log-odds [N, E], each exit a group of its own."""
        return nn.Sequential(
            nn.Conv1d(FEATURES * exits, self.hidden * exits, 1, groups=exits),
            nn.ReLU(),
            nn.Conv1d(self.hidden * exits, exits, 1, groups=exits),
            nn.Flatten(),
        )

    def loss(
        self, logits: Tensor, labels: Tensor, progress: float, auxiliary: nn.Module | None = None
    ) -> Tensor:
        """The loss of `joint`, plus the mean of the gate heads' where there are any."""
        loss = super().loss(logits, labels, progress)
        if auxiliary is None:
            return loss
        outputs = logits.detach()
        right = (outputs.argmax(-1) == labels).to(outputs.dtype)
        odds = auxiliary(features(outputs))
        return loss + functional.binary_cross_entropy_with_logits(odds, right.T)

    def gates(self, outputs: Tensor, auxiliary: nn.Module | None) -> Tensor | None:
        """How probable the gate heads hold it that each exit is right: [E, N]."""
        if auxiliary is None:
            return None
        odds: Tensor = auxiliary(features(outputs))
        return torch.sigmoid(odds).T


def features(outputs: Tensor) -> Tensor:
    """What gates read, [N, 3 E, 1], from outputs [E, N, K]: three numbers in [0, 1] per exit."""
    logarithms = outputs.log_softmax(-1)
    probabilities = logarithms.exp()
    first, second = probabilities.topk(2).values.unbind(-1)
    entropy = -(probabilities * logarithms).sum(-1) / math.log(outputs.shape[-1])
    return torch.stack([first, first - second, entropy]).permute(2, 1, 0).flatten(1).unsqueeze(-1)
