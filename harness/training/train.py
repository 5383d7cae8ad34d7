"""Train one network under one regime: in memory, deterministic, validation part only."""

import copy
import math
from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from harness.core.errors import TrialError
from harness.core.types import Part
from harness.models.early_exit import EarlyExitNet
from harness.regimes import Phase, Regime
from harness.training.augment import augment
from harness.training.curve import Curve, Epoch
from harness.training.evaluate import exit_logits
from harness.training.options import TrainingOptions
from harness.training.phases import epochs_per_phase, learn_only, make_optimizer, make_schedule


def train(
    network: EarlyExitNet,
    regime: Regime,
    train_part: Part,
    validation: Part,
    options: TrainingOptions,
    seed: int,
) -> Curve:
    """Train `network` in place and return its curve.

    Parameters
    ----------
    seed
        Of the batch order and augmentation; the initial weights are the caller's.

    Raises
    ------
    InputError
        Exit weights are given for another number of exits, or the augmentation is not one for
        these inputs.
    TrialError
        A loss was not finite.

    Notes
    -----
    All randomness is drawn on the CPU; the network's own device does the rest. Exits that a phase
    does not train are not computed.
    """
    generator = torch.Generator()
    generator.manual_seed(seed)
    if options.limit:
        chosen = torch.randperm(len(train_part.labels), generator=generator)[: options.limit]
        train_part = Part(train_part.inputs[chosen], train_part.labels[chosen])
    job = _Job(network, regime, train_part, validation, options, generator)
    plan = regime.plan(len(network.heads))
    lengths = epochs_per_phase(plan, options.epochs)
    epochs: list[Epoch] = []
    for number, (phase, length) in enumerate(zip(plan, lengths, strict=True), 1):
        begin = sum(lengths[: number - 1]) / sum(lengths)
        end = sum(lengths[:number]) / sum(lengths)
        epochs += job.run_phase(number, phase, length, (begin, end))
    network.requires_grad_(True)
    return Curve(tuple(epochs))


@dataclass(frozen=True)
class _Job:
    network: EarlyExitNet
    regime: Regime
    train_part: Part
    validation: Part
    options: TrainingOptions
    generator: torch.Generator

    @property
    def device(self) -> torch.device:
        """Where the network is."""
        return next(self.network.parameters()).device

    def run_phase(
        self, number: int, phase: Phase, length: int, span: tuple[float, float]
    ) -> list[Epoch]:
        """Train one phase, which covers `span` of the whole training's progress."""
        regime = self.regime.restricted(phase.heads, len(self.network.heads))
        optimizer = make_optimizer(learn_only(self.network, phase), self.options)
        steps = length * math.ceil(len(self.train_part.labels) / self.options.batch_size)
        schedule = make_schedule(optimizer, self.options, steps)
        best, best_weights, since = math.inf, None, 0
        epochs: list[Epoch] = []
        for index in range(length):
            progress = span[0] + (span[1] - span[0]) * index / max(length - 1, 1)
            learn_only(self.network, phase)
            loss, weights = self._one_epoch(regime, phase, progress, optimizer, schedule)
            rate = optimizer.param_groups[0]["lr"]
            epochs.append(self._measure(number, phase, loss, weights, rate))
            self._check(epochs[-1], index + 1)
            if not self.options.patience:
                continue
            if epochs[-1].validation_loss < best:
                best, since = epochs[-1].validation_loss, 0
                best_weights = copy.deepcopy(self.network.state_dict())
            else:
                since += 1
            if since >= self.options.patience:
                break
        if best_weights is not None:
            self.network.load_state_dict(best_weights)
        return epochs

    def _one_epoch(
        self,
        regime: Regime,
        phase: Phase,
        progress: float,
        optimizer: torch.optim.Optimizer,
        schedule: torch.optim.lr_scheduler.LRScheduler,
    ) -> tuple[float, Tensor]:
        """Mean loss, and mean loss weight per exit of the phase."""
        device = self.device
        total, weights, batches = 0.0, torch.zeros(len(phase.heads), device=device), 0
        for inputs, labels in self._batches():
            with torch.autocast(device.type, torch.bfloat16, self.options.precision == "bfloat16"):
                logits = self.network(inputs, phase.heads)
            logits = logits.float()
            loss = regime.loss(logits, labels, progress)
            optimizer.zero_grad()
            torch.autograd.backward(loss)
            optimizer.step()
            schedule.step()
            total += float(loss.detach())
            weights += regime.weights(logits.detach(), labels, progress).mean(1)
            batches += 1
        return total / batches, (weights / batches).cpu()

    def _batches(self) -> Iterator[tuple[Tensor, Tensor]]:
        inputs = torch.from_numpy(self.train_part.inputs).to(self.device)
        labels = torch.from_numpy(self.train_part.labels).to(self.device)
        order = torch.randperm(len(labels), generator=self.generator).to(self.device)
        for index in torch.split(order, self.options.batch_size):
            yield augment(inputs[index], self.options.augmentation, self.generator), labels[index]

    def _measure(
        self, number: int, phase: Phase, loss: float, weights: Tensor, rate: float
    ) -> Epoch:
        found = exit_logits(self.network, self.validation)
        logits, labels = torch.from_numpy(found.values), torch.from_numpy(found.labels)
        trained = [head - 1 for head in phase.heads]
        mean_weight = torch.zeros(len(logits)).index_copy(0, torch.tensor(trained), weights)
        losses = [functional.cross_entropy(logits[e], labels).item() for e in trained]
        accuracy = (logits.argmax(-1) == labels).float().mean(1)
        return Epoch(
            phase=number,
            train_loss=loss,
            validation_loss=sum(losses) / len(losses),
            learning_rate=rate,
            validation_accuracy=tuple(accuracy.tolist()),
            mean_weight=tuple(mean_weight.tolist()),
        )

    @staticmethod
    def _check(epoch: Epoch, index: int) -> None:
        # The last steps of an epoch may ruin a network whose training loss was still finite.
        losses = {"loss": epoch.train_loss, "validation loss": epoch.validation_loss}
        for name, loss in losses.items():
            if not math.isfinite(loss):
                raise TrialError(
                    f"the {name} is not finite ({loss}) in epoch {index} "
                    f"of phase {epoch.phase}; try a lower learning_rate"
                )
