"""What a label asks of an exit, per task: the one place where classes and real values differ.

Regimes and the trainer ask `task_of(labels)`; outputs are [E, N, K] throughout. Of a regression K
is 2 D: the means mu and the logarithms of the variances v of D targets y, each standardised on the
training part. With z^2 the mean over targets of (y - mu)^2 / v, the notions of Confidence-Gated
Training carry over so:

| | classification | regression |
|---|---|---|
| confidence c | max p | predicted precision: 1 / (1 + mean of v) |
| right | argmax p = y | z^2 <= 1: within one predicted deviation |
| s, what the target is worth | p(y) = c p(y) / max p | c exp(-z^2 / 2) |

In both, s is the confidence times the likelihood of the target relative to its peak: it is 1 only
for an exit that is sure and right, equals c where the answer has no error, and falls to 0 for a
sure mistake. (Without c, an exit that knows nothing and says so would count as a master.)
"""

import math
from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Literal, TypeAlias

import torch
from torch import Tensor
from torch.nn import functional

from harness.core.errors import InputError
from harness.core.types import Task

Reduction: TypeAlias = Literal["none", "mean"]


class TargetTask(ABC):
    """How outputs [..., N, K] are judged against labels: [N], or [N, D] for regression."""

    @abstractmethod
    def loss(
        self, outputs: Tensor, labels: Tensor, reduction: Reduction, smoothing: float = 0.0
    ) -> Tensor:
        """Negative log-likelihood of one exit's outputs [N, K]: [N], or scalar for `mean`."""

    @abstractmethod
    def confidence(self, outputs: Tensor) -> Tensor:
        """How sure each exit is of its answer: [E, N] in [0, 1]."""

    @abstractmethod
    def judged(self, outputs: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
        """The confidences [E, N], and which answers count as right: bool [E, N]."""

    @abstractmethod
    def target_probability(self, outputs: Tensor, labels: Tensor) -> Tensor:
        """What each exit thinks of the target, [E, N] in [0, 1]: its probability, or its like."""

    @abstractmethod
    def score(self, outputs: Tensor, labels: Tensor) -> Tensor:
        """What each answer is worth, [E, N]; its mean is the accuracy, or R^2."""


class Classes(TargetTask):
    """Labels are class indices, outputs logits."""

    def loss(
        self, outputs: Tensor, labels: Tensor, reduction: Reduction, smoothing: float = 0.0
    ) -> Tensor:
        """Cross-entropy."""
        return functional.cross_entropy(
            outputs, labels, reduction=reduction, label_smoothing=smoothing
        )

    def confidence(self, outputs: Tensor) -> Tensor:
        """Largest probability."""
        return outputs.softmax(-1).amax(-1)

    def judged(self, outputs: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
        """The largest probability, and whether it is the label's."""
        confidence, predicted = outputs.softmax(-1).max(-1)
        return confidence, predicted == labels

    def target_probability(self, outputs: Tensor, labels: Tensor) -> Tensor:
        """p(y)."""
        probability = outputs.softmax(-1)
        index = labels.expand(probability.shape[:2]).unsqueeze(-1)
        return probability.gather(-1, index).squeeze(-1)

    def score(self, outputs: Tensor, labels: Tensor) -> Tensor:
        """1 where right, else 0."""
        return (outputs.argmax(-1) == labels).float()


class Values(TargetTask):
    """Labels are standardised targets, outputs their means and logarithms of variances."""

    def loss(
        self, outputs: Tensor, labels: Tensor, reduction: Reduction, smoothing: float = 0.0
    ) -> Tensor:
        """Gaussian negative log-likelihood, mean over targets."""
        if smoothing:
            raise InputError(f"label_smoothing: classes alone can be smoothed, found {smoothing}")
        _, log_variance = outputs.chunk(2, -1)
        squared = _standardised_squares(outputs, labels)
        losses = (squared + log_variance + math.log(2 * math.pi)).mean(-1) / 2
        return losses if reduction == "none" else losses.mean()

    def confidence(self, outputs: Tensor) -> Tensor:
        """Predicted precision: 0.5 where the predicted variance is that of the targets."""
        return 1 / (1 + outputs.chunk(2, -1)[1].exp().mean(-1))

    def judged(self, outputs: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
        """The precision, and whether the squared error is at most what the exit expects."""
        right = _standardised_squares(outputs, labels).mean(-1) <= 1
        return self.confidence(outputs), right

    def target_probability(self, outputs: Tensor, labels: Tensor) -> Tensor:
        """Confidence times the likelihood relative to its peak (geometric mean over targets)."""
        squared = _standardised_squares(outputs, labels).mean(-1)
        return self.confidence(outputs) * torch.exp(-squared / 2)

    def score(self, outputs: Tensor, labels: Tensor) -> Tensor:
        """1 less the squared error, mean over targets: 0 is what the training mean is worth."""
        mean, _ = outputs.chunk(2, -1)
        return 1 - (mean - labels).square().mean(-1)


def _standardised_squares(outputs: Tensor, labels: Tensor) -> Tensor:
    """(y - mu)^2 / v: [..., N, D]."""
    mean, log_variance = outputs.chunk(2, -1)
    return (labels - mean).square() * torch.exp(-log_variance)


CLASSES, VALUES = Classes(), Values()
TARGETS: Mapping[Task, TargetTask] = {"classification": CLASSES, "regression": VALUES}


def task_of(labels: Tensor) -> TargetTask:
    """The task that labels belong to: class indices are whole numbers, targets are not."""
    return VALUES if labels.is_floating_point() else CLASSES
