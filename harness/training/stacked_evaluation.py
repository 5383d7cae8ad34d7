"""Evaluation of a stack on the validation part, after each epoch."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from harness.regimes import Phase
from harness.tasks import Task, task_of
from harness.training.curve import Epoch
from harness.training.device_data import DevicePart
from harness.training.model import ExitModel
from harness.training.stacked_operations import stacked_operations
from harness.training.stacked_state import State

_EVALUATED, _ON_CPU = 2**16, 2**12
"""Samples of all members together that are evaluated at once, and those on a CPU."""


@dataclass(frozen=True)
class TrainedEpoch:
    """What the training of an epoch says of T members.

    Attributes
    ----------
    number
        Of the phase in the plan.
    losses, rates
        Mean training loss and learning rate of each member.
    weights
        Mean loss weights [T, E] of the phase's exits, on the CPU.
    """

    number: int
    phase: Phase
    losses: Sequence[float]
    rates: Sequence[float]
    weights: Tensor


def measured(
    model: ExitModel, state: State, validation: DevicePart, trained: TrainedEpoch
) -> list[Epoch]:
    """The epoch of each member, with its losses and scores on validation.

    Parameters
    ----------
    model
        Of their structure; its own values are not read.
    state
        Of the stack.
    """
    exits = [head - 1 for head in trained.phase.heads]
    found, accuracy = _scores(model, state, validation, exits)
    weights = torch.zeros_like(accuracy).index_copy(1, torch.tensor(exits), trained.weights)
    lists = (found.tolist(), accuracy.tolist(), weights.tolist())
    return [
        Epoch(
            phase=trained.number,
            train_loss=loss,
            validation_loss=validation_loss,
            learning_rate=rate,
            validation_accuracy=tuple(scores),
            mean_weight=tuple(own),
        )
        for loss, rate, validation_loss, scores, own in zip(
            trained.losses, trained.rates, *lists, strict=True
        )
    ]


@torch.no_grad()
def _scores(
    model: ExitModel, state: State, part: DevicePart, trained: Sequence[int]
) -> tuple[Tensor, Tensor]:
    """Mean loss of the trained exits [T], and scores [T, E], on the CPU."""
    logits = stacked_logits(model, state, part)
    labels = part.labels
    task = task_of(labels)

    def of_one(outputs: Tensor) -> tuple[Tensor, Tensor]:
        return _mean_loss(task, outputs, labels, trained), task.score(outputs, labels).mean(1)

    losses, accuracy = torch.func.vmap(of_one)(logits)
    return losses.cpu(), accuracy.cpu()


def _mean_loss(task: Task, outputs: Tensor, labels: Tensor, trained: Sequence[int]) -> Tensor:
    losses = [task.loss(outputs[e], labels, reduction="mean") for e in trained]
    return torch.stack(losses).mean()


@torch.no_grad()
def stacked_logits(model: ExitModel, state: State, part: DevicePart) -> Tensor:
    """Outputs [T, E, N, K] of every member's exits on a part, in evaluation mode."""
    outputs = _Outputs(model).eval()
    named = {f"model.{name}": value for name, value in state.items()}
    members = len(next(iter(state.values())))

    def of_one(own: State, inputs: Tensor) -> Tensor:
        found: Tensor = torch.func.functional_call(outputs, dict(own), (inputs,))
        return found

    each = torch.func.vmap(of_one, in_dims=(0, None))
    device = part.labels.device
    batches = part.batches(max((_ON_CPU if device.type == "cpu" else _EVALUATED) // members, 1))
    with stacked_operations(device):
        return torch.cat([each(named, batch.standardised()) for batch in batches], 2)


class _Outputs(nn.Module):
    """The outputs of a model's exits, without its gate heads."""

    def __init__(self, model: ExitModel) -> None:
        super().__init__()
        self.model = model

    def forward(self, inputs: Tensor) -> Tensor:
        """Outputs [E, N, K]."""
        return self.model.regime.outputs(self.model.network(inputs))
