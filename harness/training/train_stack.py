"""Train the networks of several seeds as one stack: what `train` does, for all of them at once."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import torch
from torch import Tensor

from harness.core.errors import TrialError
from harness.regimes import Phase
from harness.training.augment import augment
from harness.training.curve import Curve, Epoch, TrainingError
from harness.training.device_data import DevicePart
from harness.training.model import ExitModel
from harness.training.options import TrainingOptions
from harness.training.phases import epochs_per_phase
from harness.training.stacked_evaluation import TrainedEpoch, measured
from harness.training.stacked_state import State, load_state, on_cpu, row_of, stacked, state_of
from harness.training.stacked_step import StackedStep
from harness.training.train import checked_plan


def train_stack(
    models: Sequence[ExitModel],
    train_part: DevicePart,
    validation: DevicePart,
    options: Sequence[TrainingOptions],
    seeds: Sequence[int],
) -> tuple[Curve | TrainingError, ...]:
    """Train models of one structure in place, as one stack; how each ended.

    Each member has weights, batches, augmentation, optimiser state and early stopping of its own:
    it is trained as `train` would, up to the rounding of sums that are taken in another order
    (docs/methods.md, "Stacks"). One that is not finite ends alone, with its error.

    Parameters
    ----------
    models
        Members, on the CPU; `harness.training.stackable.why_not` gives no reason against them.
    train_part, validation
        On the device that trains.
    options
        Of each member; they may differ in learning rate, weight decay and momentum.
    seeds
        Of batch order and augmentation, of each member.

    Raises
    ------
    InputError
        As `train` does.
    """
    plan = checked_plan(models[0], options[0])
    members = [_Member.of(*each, train_part) for each in zip(models, options, seeds, strict=True)]
    job = _Job(models[0], train_part, validation, options[0])
    lengths = epochs_per_phase(plan, options[0].epochs)
    for number, (phase, length) in enumerate(zip(plan, lengths, strict=True), 1):
        begin = sum(lengths[: number - 1]) / sum(lengths)
        end = sum(lengths[:number]) / sum(lengths)
        if sound := [member for member in members if member.error is None]:
            job.run_phase(number, phase, length, (begin, end), sound)
    for model, member in zip(models, members, strict=True):
        load_state(model, member.state)
        model.requires_grad_(True)
    return tuple(member.ended() for member in members)


@dataclass
class _Member:
    """One network of a stack: its random numbers, and how far it came."""

    options: TrainingOptions
    order: torch.Generator
    noise: torch.Generator
    samples: Tensor
    """Indices of the training samples that it uses."""
    state: State
    """Parameters and buffers at the end of its last phase."""
    epochs: list[Epoch] = field(default_factory=list)
    error: str | None = None

    @classmethod
    def of(
        cls, model: ExitModel, options: TrainingOptions, seed: int, part: DevicePart
    ) -> "_Member":
        order = torch.Generator().manual_seed(seed)
        noise = torch.Generator(part.labels.device).manual_seed(seed)
        chosen = torch.arange(len(part))
        if options.limit:
            chosen = torch.randperm(len(part), generator=order)[: options.limit]
        return cls(options, order, noise, chosen, state_of(model))

    def shuffled(self) -> Tensor:
        """The samples of its next epoch, in their order."""
        return self.samples[torch.randperm(len(self.samples), generator=self.order)]

    def ended(self) -> Curve | TrainingError:
        curve = Curve(tuple(self.epochs))
        return curve if self.error is None else TrainingError(self.error, curve)


class _Patience:
    """Early stopping of one member in one phase."""

    def __init__(self, patience: int) -> None:
        self._patience = patience
        self._lowest, self._since = math.inf, 0
        self.best: State | None = None

    def is_over(self, loss: float, state: State, row: int) -> bool:
        """Note an epoch; whether it is the last. Keeps the state of the best one."""
        if not self._patience:
            return False
        if loss < self._lowest:
            self._lowest, self._since = loss, 0
            self.best = row_of(state, row)
        else:
            self._since += 1
        return self._since >= self._patience


@dataclass(frozen=True)
class _Job:
    model: ExitModel
    """Gives the structure alone, and is changed."""
    train_part: DevicePart
    validation: DevicePart
    options: TrainingOptions
    """What all members share of theirs."""

    @property
    def device(self) -> torch.device:
        return self.train_part.labels.device

    def run_phase(
        self,
        number: int,
        phase: Phase,
        length: int,
        span: tuple[float, float],
        members: list[_Member],
    ) -> None:
        """Train members in one phase; those that end early are left out from then on."""
        steps = length * math.ceil(len(members[0].samples) / self.options.batch_size)
        state = stacked([member.state for member in members], self.device)
        step = StackedStep(self.model, phase, state, [m.options for m in members], steps)
        patience = {id(member): _Patience(self.options.patience) for member in members}
        for index in range(length):
            progress = span[0] + (span[1] - span[0]) * index / max(length - 1, 1)
            try:
                losses, weights = self._one_epoch(step, progress, members)
            except TrialError as error:  # said without looking at values, it is of all members
                for member in members:
                    member.error = str(error)
                return
            state = step.state()
            trained = TrainedEpoch(number, phase, losses, step.learning_rates, weights)
            found = measured(self.model, state, self.validation, trained)
            state = on_cpu(state) if self.options.patience else state
            left = []
            for row, (member, epoch) in enumerate(zip(members, found, strict=True)):
                if self._goes_on(member, epoch, index, state, row, patience[id(member)]):
                    left.append(row)
            if len(left) < len(members):
                members = [members[row] for row in left]
                if not members:
                    return
                step.keep(left)
        state = on_cpu(step.state())
        for row, member in enumerate(members):
            member.state = patience[id(member)].best or row_of(state, row)

    @staticmethod
    def _goes_on(
        member: _Member, epoch: Epoch, index: int, state: State, row: int, patience: _Patience
    ) -> bool:
        """Note a member's epoch; whether there is another one in this phase."""
        member.epochs.append(epoch)
        try:
            epoch.check_finite(index + 1)
        except TrialError as error:
            member.error = str(error)
            return False
        if patience.is_over(epoch.validation_loss, state, row):
            member.state = patience.best or row_of(state, row)
            return False
        return True

    def _one_epoch(
        self, step: StackedStep, progress: float, members: Sequence[_Member]
    ) -> tuple[list[float], Tensor]:
        """Mean loss of each member, and mean loss weights [T, E] of the phase's exits."""
        step.train_mode()
        losses: list[Tensor] = []
        weights: list[Tensor] = []
        for inputs, labels in self._batches(members):
            loss, weight = step.take(inputs, labels, progress)
            losses.append(loss)
            weights.append(weight)
        means = torch.cat([torch.stack(losses)[..., None], torch.stack(weights)], 2).mean(0)
        there = means.cpu()  # the epoch's one wait for the device
        return there[:, 0].tolist(), there[:, 1:]

    def _batches(self, members: Sequence[_Member]) -> Iterator[tuple[Tensor, Tensor]]:
        """Each member's own batches: [T, N, channels, *space] and [T, N] or [T, N, D]."""
        order = torch.stack([member.shuffled() for member in members]).to(self.device)
        for index in torch.split(order, self.options.batch_size, 1):
            batch = self.train_part.subset(index.flatten())
            shape = index.shape
            inputs = batch.standardised()
            inputs = inputs.reshape(*shape, *inputs.shape[1:])
            if self.options.augmentation != "none":
                pairs = zip(inputs, members, strict=True)
                kind = self.options.augmentation
                inputs = torch.stack([augment(own, kind, m.noise) for own, m in pairs])
            yield inputs, batch.labels.reshape(*shape, *batch.labels.shape[1:])
