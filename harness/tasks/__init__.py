"""Tasks: loss, confidence and correctness of predictions, for classification and regression.

Regimes and the trainer get theirs by `task_of(labels)`; outputs are [E, N, K] throughout. Of a
regression K is 2 D: the means mu and the logarithms of the variances v of D targets y, each
standardised on the training part. With z^2 the mean over targets of (y - mu)^2 / v, the notions of
Confidence-Gated Training carry over as follows:

| | classification | regression |
|---|---|---|
| confidence c | max p | predicted precision: 1 / (1 + mean of v) |
| correct | argmax p = y | z^2 <= 1: within one predicted deviation |
| s, probability of the target | p(y) = c p(y) / max p | c exp(-z^2 / 2) |

In both, s is the confidence times the likelihood of the target relative to its peak: it is 1 only
for a confident and correct exit, equals c where the prediction has no error, and falls to 0 for a
confident error. (Without c, an exit of low confidence and large predicted variance would pass.)
"""

import functools
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Literal, TypeAlias

from torch import Tensor

from harness.core.plugins import Registry
from harness.core.types import TaskName

Reduction: TypeAlias = Literal["none", "mean"]


@dataclass(frozen=True)
class Task(ABC):
    """Loss, confidence and score of outputs [..., N, K] against labels [N] or [N, D]."""

    @abstractmethod
    def reads(self, labels: Tensor) -> bool:
        """Whether these labels belong to this task."""

    @abstractmethod
    def width(self, names: int) -> int:
        """K: numbers that an exit outputs per sample, for a number of classes or targets."""

    @abstractmethod
    def loss(
        self, outputs: Tensor, labels: Tensor, reduction: Reduction, smoothing: float = 0.0
    ) -> Tensor:
        """Negative log-likelihood of one exit's outputs [N, K]: [N], or scalar for `mean`."""

    @abstractmethod
    def confidence(self, outputs: Tensor) -> Tensor:
        """Confidence of each exit in its prediction: [E, N] in [0, 1]."""

    @abstractmethod
    def confidence_and_correct(self, outputs: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
        """Confidences [E, N], and whether each prediction is correct: bool [E, N]."""

    @abstractmethod
    def target_probability(self, outputs: Tensor, labels: Tensor) -> Tensor:
        """Probability of the target under each exit, or its analogue for real values: [E, N]."""

    @abstractmethod
    def score(self, outputs: Tensor, labels: Tensor) -> Tensor:
        """Score of each prediction [E, N]; its mean is the accuracy, or R^2."""


TASKS = Registry("harness.tasks", Task)


@functools.cache
def task_named(name: TaskName) -> Task:
    """The task of this name."""
    return TASKS.get(name)()


@functools.cache
def _every_task() -> tuple[Task, ...]:
    return tuple(map(task_named, TASKS.names()))


def task_of(labels: Tensor) -> Task:
    """The task that labels belong to: class indices are whole numbers, targets are not."""
    return next(task for task in _every_task() if task.reads(labels))
