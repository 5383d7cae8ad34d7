"""Regression: labels are standardised targets, outputs their means and log variances."""

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from harness.core.errors import InputError
from harness.tasks import Reduction, Task


@dataclass(frozen=True)
class Regression(Task):
    """D real values, by Gaussian likelihood."""

    def reads(self, labels: Tensor) -> bool:
        """Real numbers are targets."""
        return labels.is_floating_point()

    def width(self, names: int) -> int:
        """Of each target the mean and the logarithm of the variance, means first."""
        return 2 * names

    def loss(
        self, outputs: Tensor, labels: Tensor, reduction: Reduction, smoothing: float = 0.0
    ) -> Tensor:
        """Gaussian negative log-likelihood, mean over targets."""
        if smoothing:
            raise InputError(
                f"label_smoothing: for classification only; found {smoothing}, allowed 0"
            )
        _, log_variance = outputs.chunk(2, -1)
        squared = _standardised_squares(outputs, labels)
        losses = (squared + log_variance + math.log(2 * math.pi)).mean(-1) / 2
        return losses if reduction == "none" else losses.mean()

    def confidence(self, outputs: Tensor) -> Tensor:
        """Predicted precision: 0.5 where the predicted variance is that of the targets."""
        return 1 / (1 + outputs.chunk(2, -1)[1].exp().mean(-1))

    def confidence_and_correct(self, outputs: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
        """Predicted precision, and whether the squared error is within the predicted variance."""
        correct = _standardised_squares(outputs, labels).mean(-1) <= 1
        return self.confidence(outputs), correct

    def target_probability(self, outputs: Tensor, labels: Tensor) -> Tensor:
        """Confidence times the likelihood relative to its peak (geometric mean over targets)."""
        squared = _standardised_squares(outputs, labels).mean(-1)
        return self.confidence(outputs) * torch.exp(-squared / 2)

    def score(self, outputs: Tensor, labels: Tensor) -> Tensor:
        """1 minus the squared error, mean over targets: 0 is the score of the training mean."""
        mean, _ = outputs.chunk(2, -1)
        return 1 - (mean - labels).square().mean(-1)


def _standardised_squares(outputs: Tensor, labels: Tensor) -> Tensor:
    """(y - mu)^2 / v: [..., N, D]."""
    mean, log_variance = outputs.chunk(2, -1)
    return (labels - mean).square() * torch.exp(-log_variance)
