"""Meta-learnt loss weights, from a small network trained on the loss of early-exit inference."""

from dataclasses import dataclass
from typing import Annotated, ClassVar

import torch
from torch import Tensor, nn

from harness.core.parameters import bounded
from harness.core.types import EVERY_TASK, TaskName
from harness.regimes import Lookahead, Regime
from harness.tasks import task_of

_HIDDEN = 500


@dataclass(frozen=True)
class MetaWeighted(Regime):
    """L2W-DEN (arXiv 2209.08310): w_e = lambda_e (1 + delta v_e) + eps.

    v is predicted by a weight network from the losses of all exits; it lies in [-1, 1] and sums to
    zero over exits, so that the mean of a sample's weights is unchanged. (The authors' code leaves
    v unscaled: with five exits it spans 1.6 times this range.) Before each step the weight network
    learns from the batch: a virtual SGD step on its first half, with the predicted weights, then
    the loss of early-exit inference on its second half.
    """

    tasks: ClassVar[tuple[TaskName, ...]] = EVERY_TASK

    delta: Annotated[float, bounded(0, 1, "largest change of a weight; 0 is `joint`")] = 0.8
    q: Annotated[
        float, bounded(0.05, 2, "in the meta step a share proportional to q^e leaves at exit e")
    ] = 0.75

    def auxiliary(self, exits: int) -> nn.Module:
        """The weight network: losses [N, E] to raw weights [N, E] in [-1, 1]."""
        return nn.Sequential(
            nn.Linear(exits, _HIDDEN), nn.ReLU(), nn.Linear(_HIDDEN, exits), nn.Tanh()
        )

    def weights(
        self, logits: Tensor, labels: Tensor, progress: float, auxiliary: nn.Module | None = None
    ) -> Tensor:
        """Loss weights [E, N], without gradient; those of `joint` without a weight network."""
        if auxiliary is None:
            return super().weights(logits, labels, progress)
        with torch.no_grad():
            return self._learned(self.losses(logits, labels), progress, auxiliary)

    def meta_loss(self, auxiliary: nn.Module, step: Lookahead) -> Tensor | None:
        """Loss of early-exit inference on half the batch, after a virtual step on the other half.

        Scalar, differentiable in the weight network; None for a batch of one sample.
        """
        if len(step.labels) == 1:
            return None
        inputs, meta_inputs = step.inputs.chunk(2)
        labels, meta_labels = step.labels.chunk(2)
        parameters = {n: p for n, p in step.network.named_parameters() if p.requires_grad}
        # Running statistics are of the network's own steps, not of virtual ones.
        buffers = {name: buffer.clone() for name, buffer in step.network.named_buffers()}
        call = torch.func.functional_call
        losses = self.losses(call(step.network, parameters | buffers, (inputs,)), labels)
        loss = (self._learned(losses, step.progress, auxiliary) * losses).sum(0).mean()
        gradients = torch.autograd.grad(loss, tuple(parameters.values()), create_graph=True)
        moved = {
            name: parameter - step.learning_rate * gradient
            for (name, parameter), gradient in zip(parameters.items(), gradients, strict=True)
        }
        logits = call(step.network, moved | buffers, (meta_inputs,))
        leaves = leaving(task_of(meta_labels).confidence(logits.detach()), self.q)
        left = self.losses(logits, meta_labels) * leaves
        return (left.sum(1) / leaves.sum(1).clamp(min=1)).sum()

    def _learned(self, losses: Tensor, progress: float, auxiliary: nn.Module) -> Tensor:
        """Weights [E, N] of losses [E, N], differentiable in the auxiliary module only."""
        raw: Tensor = auxiliary(losses.detach().T).T
        exits = len(raw)
        widest = max(2 * (exits - 1) / exits, 1)
        return self.weighted(1 + self.delta * (raw - raw.mean(0)) / widest, progress)


def leaving(confidence: Tensor, q: float) -> Tensor:
    """Samples that leave at each exit when exit e takes a share proportional to q^e.

    MSDNet's budgeted batch: each exit takes the most confident of the remaining samples, its share
    of all samples rounded down; the last exit takes the rest.

    Parameters
    ----------
    confidence
        [E, N], above -1.

    Returns
    -------
    bool [E, N], with exactly one exit per sample.
    """
    exits, samples = confidence.shape
    powers = [q**exit_number for exit_number in range(1, exits + 1)]
    leaves = torch.zeros_like(confidence, dtype=torch.bool)
    for index in range(exits - 1):
        inside = confidence[index].masked_fill(leaves.any(0), -1)
        confident = inside.topk(int(samples * powers[index] / sum(powers))).indices
        leaves[index].index_fill_(0, confident, True)
    leaves[-1] = ~leaves.any(0)
    return leaves
