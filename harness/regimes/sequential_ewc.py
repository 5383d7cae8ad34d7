"""Sequential training that keeps the weights the earlier exits rely on (EWC)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, ClassVar

import torch
from torch import Tensor, nn

from harness.core.parameters import bounded
from harness.core.types import EVERY_TASK, TaskName
from harness.regimes import Penalty, PhaseStart
from harness.regimes.sequential import Sequential
from harness.tasks import task_of

_DRAWS = 100


@dataclass(frozen=True)
class SequentialEWC(Sequential):
    """In phase e: l_e + lambda sum_j F_j (theta_j - theta*_j)^2, theta* the weights before it.

    Exits added one by one with Elastic Weight Consolidation (Kirkpatrick et al. 2017, arXiv
    1612.00796), as in arXiv 2605.05358. F is the diagonal of the empirical Fisher information (that
    of the given labels) of exits 1..e-1 at theta*, summed over exits, a mean over the training
    part. Every exit learns from the same samples, so that F is estimated anew in each phase, where
    continual learning, whose earlier data are gone, adds up older estimates.
    """

    tasks: ClassVar[tuple[TaskName, ...]] = EVERY_TASK

    strength: Annotated[
        float, bounded(0, 1e6, "lambda, how much earlier exits keep; 0 is plain fine-tuning")
    ] = 100.0

    def penalty(self, start: PhaseStart) -> Penalty | None:
        """The weighted distance from the weights before the phase; None in the first."""
        before = start.phase.heads[:-1]
        if not before:
            return None
        weights = list(start.network.parameters())
        old = [weight.detach().clone() for weight in weights]
        information = estimated_fisher(start, before)

        def distance(inputs: Tensor, logits: Tensor) -> Tensor:
            del inputs
            terms = zip(information, weights, old, strict=True)
            moved = [(f * (new - kept).square()).sum() for f, new, kept in terms]
            return self.strength * torch.stack(moved).sum().to(logits.dtype)

        return distance


def estimated_fisher(start: PhaseStart, exits: Sequence[int]) -> list[Tensor]:
    """Unbiased estimate of the diagonal empirical Fisher information, one tensor per parameter.

    The sum of squares of the gradients of each sample and exit is the expected square of their sum
    under random signs (Bekas et al. 2007, Applied Numerical Mathematics 57), which costs one
    backward pass: so in up to 100 parts of the training part, each sample in one of them.
    The relative standard deviation is at most about sqrt(2 / 100).
    """
    samples = len(start.labels)
    order = torch.randperm(samples, generator=start.generator)
    squares = [torch.zeros_like(weight) for weight in start.network.parameters()]
    for index in order.chunk(_DRAWS):
        part = index.to(start.labels.device)
        shape = (len(exits), len(part))
        signs = 2.0 * torch.randint(0, 2, shape, generator=start.generator) - 1
        batch = (start.inputs[part], start.labels[part])
        gradients = signed_gradient(start.network, exits, batch, signs)
        for total, gradient in zip(squares, gradients, strict=True):
            total.add_(gradient.square() / samples)
    return squares


def signed_gradient(
    network: nn.Module, exits: Sequence[int], batch: tuple[Tensor, Tensor], signs: Tensor
) -> tuple[Tensor, ...]:
    """Gradient of the sum of the exits' losses on a batch, each times its sign [E, N]."""
    inputs, labels = batch
    task = task_of(labels)
    losses = [task.loss(z, labels, reduction="none") for z in network(inputs, exits)]
    total = (signs.to(inputs.device) * torch.stack(losses)).sum()
    return torch.autograd.grad(total, list(network.parameters()), materialize_grads=True)
