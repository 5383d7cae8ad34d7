"""Joint training with a gate head per exit that learns whether the exit is correct."""

import math
from dataclasses import dataclass
from typing import Annotated

import torch
from torch import Tensor, nn
from torch.nn import functional

from harness.core.parameters import bounded
from harness.regimes import Regime

_FEATURES = 3


@dataclass(frozen=True)
class LearnedGate(Regime):
    """`joint`; gates read largest probability, margin and entropy of their exit's output.

    After JEI-DNN (Regol et al. 2024) and EENet (Ilhan et al. 2024), here with binary cross-entropy
    against "this exit is correct". No gradient of it reaches the network. The gates' loss has no
    weight, since AdamW is invariant to the scale of a loss. Classification only.
    """

    hidden: Annotated[int, bounded(1, 1024, "hidden units of a gate head")] = 16

    def auxiliary(self, exits: int) -> nn.Module:
        """Gate heads: features [N, 3 E, 1] to log-odds [N, E], each exit a group of its own."""
        return nn.Sequential(
            nn.Conv1d(_FEATURES * exits, self.hidden * exits, 1, groups=exits),
            nn.ReLU(),
            nn.Conv1d(self.hidden * exits, exits, 1, groups=exits),
            nn.Flatten(),
        )

    def loss(
        self, logits: Tensor, labels: Tensor, progress: float, auxiliary: nn.Module | None = None
    ) -> Tensor:
        """The loss of `joint`, plus the mean loss of the gate heads where there are any."""
        loss = super().loss(logits, labels, progress)
        if auxiliary is None:
            return loss
        outputs = logits.detach()
        correct = (outputs.argmax(-1) == labels).to(outputs.dtype)
        odds = auxiliary(features(outputs))
        return loss + functional.binary_cross_entropy_with_logits(odds, correct.T)

    def gates(self, outputs: Tensor, auxiliary: nn.Module | None) -> Tensor | None:
        """Gate heads' probability that each exit is correct: [E, N]."""
        if auxiliary is None:
            return None
        odds: Tensor = auxiliary(features(outputs))
        return torch.sigmoid(odds).T


def features(outputs: Tensor) -> Tensor:
    """Features of the gate heads [N, 3 E, 1] from outputs [E, N, K]: three in [0, 1] per exit."""
    logarithms = outputs.log_softmax(-1)
    probabilities = logarithms.exp()
    first, second = probabilities.topk(2).values.unbind(-1)
    entropy = -(probabilities * logarithms).sum(-1) / math.log(outputs.shape[-1])
    return torch.stack([first, first - second, entropy]).permute(2, 1, 0).flatten(1).unsqueeze(-1)
