"""One training step of a stack: T models of one structure, forward, backward and update together.

Every parameter and buffer has a first axis of members. `torch.func.vmap` maps one member's
computation over it, so that no operation reads two members: what a regime or a backbone computes
for one network needs no change, and a member that is no longer finite spoils no other.
"""

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import torch
from torch import Tensor, nn

from harness.regimes import Phase, Regime
from harness.training.model import ExitModel
from harness.training.options import TrainingOptions
from harness.training.phases import AUXILIARY_RATE, head_groups, learn_only, trains_auxiliary
from harness.training.stacked_operations import stacked_operations
from harness.training.stacked_optimizer import (
    StackedOptimizer,
    learning_rates,
    make_stacked_auxiliary_optimizer,
    make_stacked_optimizer,
)

State: TypeAlias = Mapping[str, Tensor]
"""Parameters and buffers by name: of one member, or [T, ...] of a stack."""
_AUXILIARY = "auxiliary."
_PROBED = 2
"""Samples of the batch that shows which parameters a step trains."""


class StackedStep:
    """The training step of one phase for T members.

    Parameters
    ----------
    model
        A model of their structure, whose own values are not read; its modes are changed.
    states
        Of each member, as `state_of` gives it.
    options
        Of each member: they may differ in learning rate, weight decay and momentum.
    steps
        Of the whole phase.
    """

    def __init__(
        self,
        model: ExitModel,
        phase: Phase,
        states: Sequence[State],
        options: Sequence[TrainingOptions],
        steps: int,
    ) -> None:
        self._model, self._phase, self._options = model, phase, options
        exits = len(model.network.heads)
        auxiliary = model.auxiliary is not None and trains_auxiliary(phase, exits)
        self._turns = [
            _Turn(model, heads, model.regime.restricted(heads, exits), phase.scales, auxiliary)
            for heads in head_groups(phase)
        ]
        self._fixed = stacked(states)
        self._cells: list[_Cell] | None = None
        self._rates = learning_rates(options, steps)
        self._rates_there = self._rates.to(model.device, torch.float32)
        self._taken = 0

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
        index = torch.tensor(rows, device=self._model.device)
        self._fixed = {name: value[index] for name, value in self._fixed.items()}
        for cell in self._cells or ():
            cell.optimizer.keep(index)
        self._rates = self._rates[:, list(rows)]
        self._rates_there = self._rates_there[:, index]

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
        found = [
            self._take_turn(number, (inputs, labels), progress, rate)
            for number in range(len(self._turns))
        ]
        self._taken += 1
        losses, weights = zip(*found, strict=True)
        return torch.stack(losses).sum(0), torch.cat(weights, 1)

    def _take_turn(
        self, number: int, batch: tuple[Tensor, Tensor], progress: float, rate: Tensor
    ) -> tuple[Tensor, Tensor]:
        turn, cells = self._turns[number], self._cells or []
        values = dict(self._fixed)
        for cell in cells:
            values |= cell.parameters()
        losses, logits = turn.losses(values, batch, progress)
        learn = [cell for cell in cells if number in cell.turns]
        gradients = torch.autograd.grad(losses.sum(), [cell.optimizer.values for cell in learn])
        for cell, gradient in zip(learn, gradients, strict=True):
            cell.optimizer.update(gradient, AUXILIARY_RATE if cell.is_auxiliary else rate)
        weights = turn.weights({**values, **self.state()}, logits.detach(), batch[1], progress)
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
            groups[name.startswith(_AUXILIARY), tuple(own)].append(name)
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


class _Turn(nn.Module):
    """What one optimiser step of a batch computes of a model, as functions of its values."""

    def __init__(
        self,
        model: ExitModel,
        heads: tuple[int, ...],
        regime: Regime,
        scales: tuple[tuple[float, float], ...],
        auxiliary: bool,
    ) -> None:
        super().__init__()
        self.model = model
        self._heads, self._scales, self._regime = heads, scales, regime
        self._auxiliary = auxiliary
        # Not a part of this module: its parameters would have two names.
        self._weighing = (_Weighing(model, regime),) if auxiliary else ()

    def forward(self, inputs: Tensor, labels: Tensor, progress: float) -> tuple[Tensor, Tensor]:
        """Loss of a batch, and the logits that it is of."""
        logits = self.model.network(inputs, self._heads, self._scales).float()
        auxiliary = self.model.auxiliary if self._auxiliary else None
        return self._regime.loss(logits, labels, progress, auxiliary), logits

    def losses(
        self, values: State, batch: tuple[Tensor, Tensor], progress: float
    ) -> tuple[Tensor, Tensor]:
        """Losses [T] and logits [T, E, N, K] of each member."""

        def of_one(state: State, inputs: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
            found: tuple[Tensor, Tensor] = torch.func.functional_call(
                self, _named(state), (inputs, labels, progress)
            )
            return found

        with stacked_operations(batch[0].device):
            losses, logits = torch.func.vmap(of_one)(values, *batch)
        return losses, logits

    @torch.no_grad()
    def weights(self, values: State, logits: Tensor, labels: Tensor, progress: float) -> Tensor:
        """Loss weights [T, E, N] that the logits have under auxiliary modules as they are now."""
        if not self._weighing:
            each = torch.func.vmap(lambda z, y: self._regime.weights(z, y, progress))
            found: Tensor = each(logits, labels)
            return found
        (weighing,) = self._weighing
        own = {name: value for name, value in values.items() if name.startswith(_AUXILIARY)}

        def of_one(state: State, z: Tensor, y: Tensor) -> Tensor:
            weights: Tensor = torch.func.functional_call(weighing, dict(state), (z, y, progress))
            return weights

        learnt: Tensor = torch.func.vmap(of_one)(own, logits, labels)
        return learnt

    def trained(
        self, names: Sequence[str], values: State, batch: tuple[Tensor, Tensor], progress: float
    ) -> list[str]:
        """The parameters among `names` that the loss depends on, found out with one member.

        Torch's optimisers pass over all others: they do not even decay.
        """
        one = {name: value[0].clone() for name, value in values.items()}
        leaves = [one[name].requires_grad_() for name in names]
        with torch.enable_grad():
            loss, _ = torch.func.functional_call(self, _named(one), (*batch, progress))
            gradients = torch.autograd.grad(loss, leaves, allow_unused=True)
        pairs = zip(names, gradients, strict=True)
        return [name for name, gradient in pairs if gradient is not None]


class _Weighing(nn.Module):
    """The loss weights of a regime, as a function of its auxiliary module's parameters."""

    def __init__(self, model: ExitModel, regime: Regime) -> None:
        super().__init__()
        self.auxiliary = model.auxiliary
        self._regime = regime

    def forward(self, logits: Tensor, labels: Tensor, progress: float) -> Tensor:
        """Loss weights [E, N]."""
        return self._regime.weights(logits, labels, progress, self.auxiliary)


def state_of(model: ExitModel) -> dict[str, Tensor]:
    """Copies of a model's parameters and buffers, by name."""
    named = [*model.named_parameters(), *model.named_buffers()]
    return {name: value.detach().clone() for name, value in named}


@torch.no_grad()
def load_state(model: ExitModel, state: State) -> None:
    """Give a model the parameters and buffers of a member."""
    for name, value in [*model.named_parameters(), *model.named_buffers()]:
        value.copy_(state[name])


def stacked(states: Sequence[State]) -> dict[str, Tensor]:
    """The states of T members with a first axis of members."""
    return {name: torch.stack([state[name] for state in states]) for name in states[0]}


def row_of(state: State, row: int) -> dict[str, Tensor]:
    """A copy of one member's part of a stack's state."""
    return {name: value[row].clone() for name, value in state.items()}


def _rows(value: Tensor) -> Tensor:
    return value.reshape(len(value), -1)


def _named(state: State) -> dict[str, Tensor]:
    return {f"model.{name}": value for name, value in state.items()}
