"""What every training regime keeps, on batches of all of its tasks and in a short training."""

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from harness.contracts import Check, expect
from harness.core.parameters import build, parameter_schema
from harness.core.plugins import Registry
from harness.core.types import Part, TaskName
from harness.models.backbones.image_cnn import ImageCNN
from harness.models.early_exit import build_network
from harness.regimes import Regime
from harness.tasks import task_of
from harness.training.device_data import DevicePart
from harness.training.model import ExitModel
from harness.training.options import TrainingOptions
from harness.training.seeding import seed_everything
from harness.training.train import train

_EXITS, _SAMPLES, _OUTPUTS = 3, 8, 4
_SCALES = (0.1, 1.0, 10.0)
_SHARED: dict[str, Any] = {field.name: field.default for field in dataclasses.fields(Regime)}


@dataclass(frozen=True)
class _Case:
    regime: Regime
    logits: Tensor
    labels: Tensor

    def __str__(self) -> str:
        return f"with {self.regime}, logits of size {self.logits.abs().max():.2g}"


def _cases(registry: Registry[Regime], name: str, exits: int = _EXITS) -> Iterator[_Case]:
    """The regime at its defaults and at the ends of each range, on batches of its tasks."""
    plugin: type[Regime] = registry.get(name)
    for task in plugin.tasks:
        for regime in _settings(plugin, task):
            for seed, scale in enumerate(_SCALES):
                yield _Case(regime, *_batch(task, exits, seed, scale))


def _settings(plugin: type[Regime], task: TaskName) -> Iterator[Regime]:
    yield plugin()
    for name, field in parameter_schema(plugin).items():
        if name == "label_smoothing" and task == "regression":
            continue
        ends = (field[end] for end in ("minimum", "maximum") if end in field)
        for value in (*ends, *_listed(field)):
            yield build(plugin, {name: value}, f"{name}: {value}")


def _listed(field: dict[str, Any]) -> tuple[object, ...]:
    return (True, False) if field.get("type") == "boolean" else tuple(field.get("enum", ()))


def _batch(task: TaskName, exits: int, seed: int, scale: float) -> tuple[Tensor, Tensor]:
    """Logits [E, N, K] and labels of a task."""
    generator = torch.Generator().manual_seed(seed)
    if task == "regression":
        outputs = min(scale, 2.0) * torch.randn(exits, _SAMPLES, _OUTPUTS, generator=generator)
        return outputs.double(), torch.randn(_SAMPLES, _OUTPUTS // 2, generator=generator).double()
    logits = scale * torch.randn(exits, _SAMPLES, _OUTPUTS, generator=generator).double()
    return logits, torch.randint(0, _OUTPUTS, (_SAMPLES,), generator=generator)


def weighs_every_sample_and_exit(registry: Registry[Regime], name: str) -> None:
    """Loss weights are [E, N], finite, not negative and without gradient."""
    for case in _cases(registry, name):
        logits = case.logits.clone().requires_grad_()
        weights = case.regime.weights(logits, case.labels, 0.5)
        expect(
            weights.shape == logits.shape[:2],
            f"shape {list(weights.shape)}, expected {list(logits.shape[:2])} {case}",
        )
        expect(weights.isfinite().all(), f"weights are not finite {case}")
        expect((weights >= 0).all(), f"smallest weight {weights.min():.3g} {case}")
        expect(not weights.requires_grad, "weights carry a gradient; use torch.no_grad or detach")


def eligibility_is_a_share(registry: Registry[Regime], name: str) -> None:
    """Eligibilities lie in [0, 1]."""
    for case in _cases(registry, name):
        found = case.regime.eligibility(case.logits, case.labels)
        low, high = found.min().item(), found.max().item()
        expect(low >= 0 and high <= 1, f"from {low:.3g} to {high:.3g} {case}")


def treats_samples_alike(registry: Registry[Regime], name: str) -> None:
    """The order of the samples in a batch does not matter."""
    for case in _cases(registry, name):
        order = torch.randperm(_SAMPLES, generator=torch.Generator().manual_seed(0))
        moved = case.regime.weights(case.logits[:, order], case.labels[order], 0.5)
        expected = case.regime.weights(case.logits, case.labels, 0.5)[:, order]
        expect(torch.allclose(moved, expected), f"other weights in another order {case}")


def an_exit_predicts_without_deeper_ones(registry: Registry[Regime], name: str) -> None:
    """What an exit puts out does not depend on deeper exits."""
    for case in _cases(registry, name):
        every = case.regime.outputs(case.logits)
        expect(every.shape == case.logits.shape, f"outputs of shape {list(every.shape)}")
        first = case.regime.outputs(case.logits[:1])
        expect(torch.equal(first, every[:1]), f"exit 1 alone puts out something else {case}")


def one_exit_is_plain_likelihood(registry: Registry[Regime], name: str) -> None:
    """With one exit and the shared options at their defaults, it is the plain likelihood loss."""
    for case in _cases(registry, name, exits=1):
        regime = dataclasses.replace(case.regime, **_SHARED)
        task = task_of(case.labels)
        plain = task.loss(case.logits[0], case.labels, reduction="none", smoothing=0.0).mean()
        found = regime.loss(case.logits, case.labels, 0.5)
        expect(torch.allclose(found, plain), f"loss {found:.6g}, likelihood {plain:.6g} {case}")


def the_loss_can_be_learnt_from(registry: Registry[Regime], name: str) -> None:
    """The loss is one finite number with a finite gradient."""
    for case in _cases(registry, name):
        logits = case.logits.clone().requires_grad_()
        loss = case.regime.loss(logits, case.labels, 0.5)
        expect(loss.shape == (), f"a loss of shape {list(loss.shape)}")
        expect(loss.isfinite(), f"loss {loss.item()} {case}")
        if loss.requires_grad:
            loss.backward()  # type: ignore[no-untyped-call]
            expect(logits.grad is not None and logits.grad.isfinite().all(), f"gradient {case}")


def phases_share_out_the_epochs(registry: Registry[Regime], name: str) -> None:
    """The phases of its plan share out all epochs and train every exit."""
    for exits in (1, 2, _EXITS, 5):
        plan = registry.get(name)().plan(exits)
        total = sum(phase.share for phase in plan)
        expect(abs(total - 1) < 1e-9, f"{exits} exits: the shares sum to {total}")  # noqa: PLR2004
        every = set(range(1, exits + 1))
        for what in ("heads", "stages"):
            found = {number for phase in plan for number in getattr(phase, what)}
            expect(found == every, f"{exits} exits: trains the {what} {sorted(found)}")


def trains_a_network(registry: Registry[Regime], name: str) -> None:
    """It trains a small network on scikit-learn's digits, twice with the same weights."""
    if "classification" not in registry.get(name).tasks:
        return
    first, second = (_trained(registry.get(name)()) for _ in range(2))
    expect(all(np.isfinite(weight).all() for weight in first.values()), "weights are not finite")
    differ = [each for each in first if not np.array_equal(first[each], second[each])]
    expect(not differ, f"another training of the same seed has other weights: {differ[:3]}")


def _trained(regime: Regime) -> dict[str, Any]:
    from sklearn.datasets import load_digits

    data = load_digits()
    inputs = (data.images[:300, None] / 16 - 0.3).astype(np.float32)
    part = DevicePart.of(Part(inputs, data.target[:300].astype(np.int64)))
    seed_everything(0)
    exits = max(regime.static_exits(2)) or 2
    network = build_network(ImageCNN(widths=(4, 8), exits=exits, pool=2), (1, 8, 8), 10)
    model = ExitModel(network, regime, 10)
    train(model, part, part, TrainingOptions(epochs=2, batch_size=64), 0)
    return dict(model.weights())


CHECKS: tuple[Check, ...] = (
    weighs_every_sample_and_exit,
    eligibility_is_a_share,
    treats_samples_alike,
    an_exit_predicts_without_deeper_ones,
    one_exit_is_plain_likelihood,
    the_loss_can_be_learnt_from,
    phases_share_out_the_epochs,
    trains_a_network,
)
