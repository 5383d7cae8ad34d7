"""One training step of a stack: T models of one structure, forward, backward and update together.

Every parameter and buffer has a first axis of members. `torch.func.vmap` maps one member's
computation over it, so that no operation reads two members: what a regime or a backbone computes
for one network needs no change, and a member that is no longer finite spoils no other.
"""

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from harness.regimes import Phase
from harness.training.model import ExitModel
from harness.training.options import TrainingOptions
from harness.training.phases import AUXILIARY_RATE, head_groups, learn_only, trains_auxiliary
from harness.training.stacked_graphs import StepGraphs
from harness.training.stacked_optimizer import (
    StackedOptimizer,
    learning_rates,
    make_stacked_auxiliary_optimizer,
    make_stacked_optimizer,
    precision_on,
)
from harness.training.stacked_state import State
from harness.training.stacked_turn import AUXILIARY, Turn

_PROBED = 2
"""Samples of the batch that shows which parameters a step trains."""


class StackedStep:
    """The training step of one phase for T members.

    Parameters
    ----------
    model
        A model of their structure, whose own values are not read; its modes are changed.
    state
        Of the stack, on the device that trains.
    options
        Of each member: they may differ in learning rate, weight decay and momentum.
    steps
        Of the whole phase.
    """

    def __init__(
        self,
        model: ExitModel,
        phase: Phase,
        state: State,
        options: Sequence[TrainingOptions],
        steps: int,
    ) -> None:
        self._model, self._phase, self._options = model, phase, options
        exits = len(model.network.heads)
        auxiliary = model.auxiliary is not None and trains_auxiliary(phase, exits)
        self._turns = [
            Turn(model, heads, model.regime.restricted(heads, exits), phase.scales, auxiliary)
            for heads in head_groups(phase)
        ]
        self._fixed = dict(state)
        self._cells: list[_Cell] | None = None
        self._rates = learning_rates(options, steps)
        self._device = next(iter(state.values())).device
        self._rates_there = self._rates.to(self._device, precision_on(self._device))
        self._taken = 0
        self._graphs = StepGraphs(self._device)

    @property
    def is_ready(self) -> bool:
        """Whether a step was taken: the first finds out which parameters learn together."""
        return self._cells is not None

    @property
    def learning_rates(self) -> list[float]:
        """Learning rate of each member's next step."""
        rates: list[float] = self._rates[self._taken].tolist()
        return rates

    def state(self) -> dict[str, Tensor]:
        """Parameters and buffers now, [T, ...], without gradient."""
        found = dict(self._fixed)
        for cell in self._cells or ():
            found |= {name: value.detach() for name, value in cell.parameters().items()}
        return found

    def keep(self, rows: Sequence[int]) -> None:
        """Go on with the members of some rows alone."""
        index = torch.tensor(rows, device=self._device)
        self._fixed = {name: value[index] for name, value in self._fixed.items()}
        for cell in self._cells or ():
            cell.optimizer.keep(index)
        self._rates = self._rates[:, list(rows)]
        self._rates_there = self._rates_there[:, index]
        self._graphs = StepGraphs(self._device)

    def train_mode(self) -> None:
        """Put the model in training mode, what the phase freezes excepted."""
        self._model.train()
        learn_only(self._model.network, self._phase)

    def take(self, inputs: Tensor, labels: Tensor, progress: float) -> tuple[Tensor, Tensor]:
        """Train each member on its batch.

        Parameters
        ----------
        inputs, labels
            [T, N, channels, *space] and [T, N] or [T, N, D].

        Returns
        -------
        The losses before the update [T], and the mean loss weight of each exit [T, E].
        """
        if self._cells is None:
            self._cells = self._divide((inputs[0, :_PROBED], labels[0, :_PROBED]), progress)
        rate = self._rates_there[self._taken][:, None]
        self._taken += 1
        return self._graphs.take(self._compute, (rate, inputs, labels), progress)

    def _compute(
        self, rate: Tensor, inputs: Tensor, labels: Tensor, progress: float
    ) -> tuple[Tensor, Tensor]:
        found = [
            self._take_turn(number, (inputs, labels), progress, rate)
            for number in range(len(self._turns))
        ]
        losses, weights = zip(*found, strict=True)
        return torch.stack(losses).sum(0), torch.cat(weights, 1)

    def _take_turn(
        self, number: int, batch: tuple[Tensor, Tensor], progress: float, rate: Tensor
    ) -> tuple[Tensor, Tensor]:
        turn, cells = self._turns[number], self._cells or []
        values = dict(self._fixed)
        for cell in cells:
            values |= cell.parameters()
        losses, logits, weights = turn.losses(values, batch, progress)
        learn = [cell for cell in cells if number in cell.turns]
        gradients = torch.autograd.grad(losses.sum(), [cell.optimizer.values for cell in learn])
        for cell, gradient in zip(learn, gradients, strict=True):
            cell.optimizer.update(gradient, AUXILIARY_RATE if cell.is_auxiliary else rate)
        if turn.has_auxiliary:  # which has just learnt
            weights = turn.weights(self.state(), logits.detach(), batch[1], progress)
        return losses.detach(), weights.mean(-1)

    def _divide(self, batch: tuple[Tensor, Tensor], progress: float) -> list["_Cell"]:
        """Divide what the phase trains into cells, and take it out of what is fixed."""
        learnt = set(map(id, learn_only(self._model.network, self._phase)))
        if self._model.auxiliary is not None:
            learnt |= set(map(id, self._model.auxiliary.parameters()))
        names = [name for name, p in self._model.named_parameters() if id(p) in learnt]
        turns: dict[str, list[int]] = defaultdict(list)
        for number, turn in enumerate(self._turns):
            for name in turn.trained(names, self._fixed, batch, progress):
                turns[name].append(number)
        groups: dict[tuple[bool, tuple[int, ...]], list[str]] = defaultdict(list)
        for name, own in turns.items():
            groups[name.startswith(AUXILIARY), tuple(own)].append(name)
        cells = []
        for (is_auxiliary, taken), together in groups.items():
            values = torch.cat([_rows(self._fixed[name]) for name in together], 1)
            shapes = {name: self._fixed[name].shape[1:] for name in together}
            optimizer = (
                make_stacked_auxiliary_optimizer(values)
                if is_auxiliary
                else make_stacked_optimizer(values, self._options)
            )
            cells.append(_Cell(shapes, optimizer, taken, is_auxiliary))
        self._fixed = {name: v for name, v in self._fixed.items() if name not in turns}
        return cells


@dataclass(frozen=True)
class _Cell:
    """Parameters that learn in the same turns of a batch, in one tensor [T, P]."""

    shapes: Mapping[str, torch.Size]
    optimizer: StackedOptimizer
    turns: tuple[int, ...]
    is_auxiliary: bool

    def parameters(self) -> dict[str, Tensor]:
        """Each parameter: [T, ...], a view that autograd follows."""
        sizes = [math.prod(shape) for shape in self.shapes.values()]
        columns = torch.split(self.optimizer.values, sizes, 1)
        each = zip(self.shapes.items(), columns, strict=True)
        return {name: column.reshape(-1, *shape) for (name, shape), column in each}


def _rows(value: Tensor) -> Tensor:
    return value.reshape(len(value), -1)
