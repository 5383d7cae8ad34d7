"""Train one network under one regime: in memory, deterministic, validation part only."""

import copy
import math
from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from harness.core.errors import InputError, TrialError
from harness.models.early_exit import NodeExitNet
from harness.regimes import Penalty, Phase, PhaseStart
from harness.tasks import task_of
from harness.training.augment import augment
from harness.training.curve import Curve, Epoch, TrainingError
from harness.training.device_data import DevicePart
from harness.training.evaluate import exit_logits
from harness.training.model import ExitModel
from harness.training.options import TrainingOptions
from harness.training.phases import (
    epochs_per_phase,
    learn_only,
    make_optimizer,
    make_schedule,
    trains_auxiliary,
)
from harness.training.step import Step


def train(
    model: ExitModel,
    train_part: DevicePart,
    validation: DevicePart,
    options: TrainingOptions,
    seed: int,
) -> Curve:
    """Train `model` in place and return its learning curve.

    Parameters
    ----------
    train_part, validation
        On the device of the model.
    seed
        Seed of batch order and augmentation; the caller initialises the weights.

    Raises
    ------
    InputError
        Exit weights are given for another number of exits, the augmentation does not apply to
        these inputs, or the regime's auxiliary module would learn in no phase.
    TrainingError
        A loss was not finite, or a plug-in raised a TrialError: it holds the curve so far.

    Notes
    -----
    The order of the batches is drawn on the CPU, the same for every device; everything else runs on
    the network's device, which an epoch waits for once, at its end. Exits that a phase does not
    train are not computed.
    """
    plan = checked_plan(model, options)
    order = torch.Generator().manual_seed(seed)
    noise = torch.Generator(model.device).manual_seed(seed)
    if options.limit:
        chosen = torch.randperm(len(train_part), generator=order)[: options.limit]
        train_part = train_part.subset(chosen)
    job = _Job(model, train_part, validation, options, order, noise)
    lengths = epochs_per_phase(plan, options.epochs)
    epochs: list[Epoch] = []
    try:
        for number, (phase, length) in enumerate(zip(plan, lengths, strict=True), 1):
            begin = sum(lengths[: number - 1]) / sum(lengths)
            end = sum(lengths[:number]) / sum(lengths)
            epochs.extend(job.run_phase(number, phase, length, (begin, end)))
    except TrialError as error:
        raise TrainingError(str(error), Curve(tuple(epochs))) from error
    model.requires_grad_(True)
    return Curve(tuple(epochs))


def checked_plan(model: ExitModel, options: TrainingOptions) -> tuple[Phase, ...]:
    """The phases of a model's training; raises InputError as `train` does."""
    if options.augmentation != "none" and isinstance(model.network, NodeExitNet):
        raise InputError(
            f"augmentation: found {options.augmentation} for a graph, whose inputs are node "
            "indices; allowed is none"
        )
    exits = len(model.network.heads)
    plan = model.regime.plan(exits)
    if model.auxiliary is not None and not any(trains_auxiliary(phase, exits) for phase in plan):
        raise InputError(
            f"regime {type(model.regime).__name__}: its auxiliary module reads all {exits} exits "
            "together, and no phase trains all of their heads in one step; it would never learn"
        )
    return plan


@dataclass(frozen=True)
class _Job:
    model: ExitModel
    train_part: DevicePart
    validation: DevicePart
    options: TrainingOptions
    order: torch.Generator
    noise: torch.Generator

    def run_phase(
        self, number: int, phase: Phase, length: int, span: tuple[float, float]
    ) -> Iterator[Epoch]:
        """Train one phase, which covers the interval `span` of the training's progress.

        Yields each epoch once it is over, one whose loss is not finite before it raises TrialError.
        """
        network = self.model.network
        penalty = self._penalty(phase)
        optimizer = make_optimizer(learn_only(network, phase), self.options)
        steps = length * math.ceil(len(self.train_part) / self.options.batch_size)
        schedule = make_schedule(optimizer, self.options, steps)
        bfloat16 = self.options.precision == "bfloat16"
        step = Step(self.model, phase, optimizer, bfloat16=bfloat16, penalty=penalty)
        best, best_weights, since = math.inf, None, 0
        for index in range(length):
            progress = span[0] + (span[1] - span[0]) * index / max(length - 1, 1)
            self.model.train()  # the auxiliary module too; the network's frozen parts are next
            learn_only(network, phase)
            loss, weights = self._one_epoch(step, progress, schedule)
            epoch = self._measure(number, phase, loss, weights, step.learning_rate)
            yield epoch
            epoch.check_finite(index + 1)
            if not self.options.patience:
                continue
            if epoch.validation_loss < best:
                best, since = epoch.validation_loss, 0
                best_weights = copy.deepcopy(self.model.state_dict())
            else:
                since += 1
            if since >= self.options.patience:
                break
        if best_weights is not None:
            self.model.load_state_dict(best_weights)

    def _penalty(self, phase: Phase) -> Penalty | None:
        """The regime's penalty in a phase, from the network as it is before."""
        network = self.model.network.eval().requires_grad_(True)
        # One of its own: what a regime draws leaves the batches as they are.
        generator = torch.Generator().manual_seed(self.order.initial_seed())
        data = (self.train_part.standardised(), self.train_part.labels)
        start = PhaseStart(phase, network, *data, generator)
        return self.model.regime.penalty(start)

    def _one_epoch(
        self, step: Step, progress: float, schedule: torch.optim.lr_scheduler.LRScheduler
    ) -> tuple[float, Tensor]:
        """Mean loss, and mean loss weight per exit of the phase."""
        losses: list[Tensor] = []
        weights: list[Tensor] = []
        for inputs, labels in self._batches():
            loss, weight = step.take(inputs, labels, progress)
            schedule.step()
            losses.append(loss)
            weights.append(weight)
        means = torch.cat([torch.stack(losses)[:, None], torch.stack(weights)], 1).mean(0)
        loss, *per_exit = means.tolist()  # the epoch's one wait for the device
        return loss, torch.tensor(per_exit)

    def _batches(self) -> Iterator[tuple[Tensor, Tensor]]:
        order = torch.randperm(len(self.train_part), generator=self.order)
        for index in torch.split(order.to(self.model.device), self.options.batch_size):
            batch = self.train_part.subset(index)
            inputs = augment(batch.standardised(), self.options.augmentation, self.noise)
            yield inputs, batch.labels

    def _measure(
        self, number: int, phase: Phase, loss: float, weights: Tensor, rate: float
    ) -> Epoch:
        found = exit_logits(self.model, self.validation)
        logits, labels = torch.from_numpy(found.values), torch.from_numpy(found.labels)
        task = task_of(labels)
        trained = [head - 1 for head in phase.heads]
        mean_weight = torch.zeros(len(logits)).index_copy(0, torch.tensor(trained), weights)
        losses = [task.loss(logits[e], labels, reduction="mean").item() for e in trained]
        accuracy = task.score(logits, labels).mean(1)
        return Epoch(
            phase=number,
            train_loss=loss,
            validation_loss=sum(losses) / len(losses),
            learning_rate=rate,
            validation_accuracy=tuple(accuracy.tolist()),
            mean_weight=tuple(mean_weight.tolist()),
        )
