import copy
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import ClassVar

import numpy as np
import pytest
import torch
from sklearn.datasets import load_digits
from sklearn.metrics import roc_auc_score
from torch import nn

from harness.core.errors import InputError, TrialError
from harness.core.types import Part
from harness.models.backbones.convolutional import ConvolutionalBackbone
from harness.models.backbones.image_cnn import ImageCNN
from harness.models.backbones.spectral_cnn import SpectralCNN
from harness.models.cost import exit_costs
from harness.models.early_exit import build_network
from harness.regimes import REGIMES, Phase
from harness.regimes.branch_wise import BranchWise
from harness.regimes.disjoint import Disjoint
from harness.regimes.joint import Joint
from harness.regimes.learned_gate import LearnedGate
from harness.regimes.meta_weighted import MetaWeighted
from harness.training.curve import TrainingError
from harness.training.device_data import DevicePart
from harness.training.evaluate import exit_logits
from harness.training.model import ExitModel
from harness.training.options import TrainingOptions
from harness.training.seeding import seed_everything
from harness.training.train import train


def parts(inputs, labels, first):
    """The first samples and the others."""
    both = (Part(inputs[:first], labels[:first]), Part(inputs[first:], labels[first:]))
    return tuple(map(DevicePart.of, both))


def with_infinite(part):
    """The part with an infinite sample."""
    inputs = part.inputs.clone()
    inputs[5] = np.inf
    return replace(part, inputs=inputs)


@pytest.fixture(scope="module")
def digits() -> tuple[DevicePart, DevicePart]:
    data = load_digits()
    inputs = ((data.images - data.images.mean()) / data.images.std()).astype(np.float32)[:, None]
    labels = data.target.astype(np.int64)
    return parts(inputs, labels, 900)


def trained(digits, regime, seed=0, static_exit=0, **options):
    seed_everything(seed)
    network = build_network(ImageCNN(widths=(8, 16, 32), pool=2), (1, 8, 8), 10, static_exit)
    model = ExitModel(network, regime, 10)
    curve = train(
        model,
        *digits,
        TrainingOptions(**{"epochs": 6, "batch_size": 32, **options}),
        seed,
    )
    return model, curve


@pytest.mark.parametrize("name", REGIMES.names())
def test_every_regime_learns_digits(digits, name):
    regime = REGIMES.get(name)()
    for static_exit in regime.static_exits(3):
        _, curve = trained(digits, regime, static_exit=static_exit, learning_rate=0.01)
        assert min(curve.epochs[-1].validation_accuracy) > 0.3
        assert len(curve.epochs) == 6
        assert curve.frame().notna().all(axis=None)


def test_gate_heads_know_when_their_exit_is_correct(digits):
    model, _ = trained(digits, REGIMES.get("learned_gate")(), epochs=9)
    found = exit_logits(model, digits[1])
    correct = found.values.argmax(-1) == found.labels
    for exit_correct, gate in zip(correct, found.gates, strict=True):
        assert roc_auc_score(exit_correct, gate) > 0.6


@pytest.mark.parametrize("augmentation", ["none", "flip_crop", "noise"])
def test_training_repeats_bit_by_bit(digits, augmentation):
    options = {"epochs": 2, "augmentation": augmentation}
    (one, first), (two, second) = (trained(digits, Joint(), **options) for _ in range(2))
    other, _ = trained(digits, Joint(), seed=1, **options)
    logits = [exit_logits(network, digits[1]).values for network in (one, two, other)]
    assert np.array_equal(logits[0], logits[1])
    assert first == second
    assert not np.array_equal(logits[0], logits[2])


def test_disjoint_leaves_the_backbone_untouched_in_its_second_phase(digits):
    network, curve = trained(digits, Disjoint(first_share=0.5))
    accuracy = [epoch.validation_accuracy for epoch in curve.epochs]
    second = [a for a, epoch in zip(accuracy, curve.epochs, strict=True) if epoch.phase == 2]
    assert {a[-1] for a in second} == {accuracy[2][-1]}
    assert second[-1][0] > accuracy[2][0]
    assert all(p.requires_grad for p in network.parameters())


@pytest.mark.parametrize(("name", "number"), [("disjoint", 2), ("branch_wise", 3)])
def test_a_phase_changes_nothing_but_what_it_trains(digits, name, number):
    regime = REGIMES.get(name)()
    plan = regime.plan(3)
    network = build_network(ImageCNN(widths=(8, 16, 32), pool=2), (1, 8, 8), 10)
    before = {key: value.clone() for key, value in network.state_dict().items()}
    phase = plan[number - 1]
    only = dataclass(frozen=True)(type("Only", (Joint,), {"plan": lambda *_: (phase,)}))()
    train(ExitModel(network, only, 10), *digits, TrainingOptions(epochs=1), 0)
    learning = {f"stages.{e - 1}." for e in phase.stages} | {f"heads.{e - 1}." for e in phase.heads}
    for key, value in network.state_dict().items():
        assert torch.equal(value, before[key]) == (not key.startswith(tuple(learning))), key


def test_branch_wise_leaves_shallower_exits_untouched(digits):
    _, curve = trained(digits, BranchWise())
    first_exit = [epoch.validation_accuracy[0] for epoch in curve.epochs]
    assert len(set(first_exit[1:])) == 1
    assert curve.epochs[0].mean_weight == (1.0, 0.0, 0.0)


def test_an_infinite_loss_fails_the_trial_with_its_reason(digits):
    with pytest.raises(TrialError, match=r"the loss is not finite \(nan\) in epoch 1 of phase 1"):
        trained((with_infinite(digits[0]), digits[1]), Joint())


def test_a_network_ruined_after_the_last_training_loss_fails_too(digits):
    with pytest.raises(TrialError, match=r"the validation loss is not finite \(nan\) in epoch 1"):
        trained((digits[0], with_infinite(digits[1])), Joint(), epochs=1)


class Refusing(Joint):
    """Finds its own configuration at fault in the second phase's last epoch."""

    def plan(self, exits):
        return (*super().plan(exits), *super().plan(exits))

    def loss(self, logits, labels, progress, auxiliary=None):
        if progress > 0.5:
            raise TrialError("a fault of its own")
        return super().loss(logits, labels, progress, auxiliary)


def test_a_failure_keeps_the_curve_up_to_it(digits):
    with pytest.raises(TrainingError, match="a fault of its own") as failed:
        trained(digits, Refusing(), epochs=4)
    assert [epoch.phase for epoch in failed.value.curve.epochs] == [1, 1, 2]
    with pytest.raises(TrainingError, match="not finite") as failed:
        trained(
            digits,
            Joint(),
            optimizer="sgd",
            schedule="cosine",
            learning_rate=9.0,
            weight_decay=1.0,
            epochs=8,
        )
    losses = failed.value.curve.frame()[["train_loss", "validation_loss"]]
    assert np.isfinite(losses[:-1]).all(axis=None)
    assert not np.isfinite(losses.iloc[-1]).all()


@pytest.mark.parametrize("name", ["disjoint", "mixed", "branch_wise"])
def test_phases_take_the_exit_weights_of_their_heads(digits, name):
    lambdas = (1.0, 0.5, 0.25)
    regime = REGIMES.get(name)(lambda_start=lambdas, lambda_end=lambdas)
    _, curve = trained(digits, regime, epochs=3)
    for epoch in curve.epochs:
        for weight, allowed in zip(epoch.mean_weight, lambdas, strict=True):
            assert weight in (0.0, pytest.approx(allowed))


def test_exit_weights_of_another_number_of_exits_are_refused(digits):
    with pytest.raises(InputError, match="lambda_start: 2 values for 3 exits"):
        trained(digits, Disjoint(lambda_start=(1.0, 0.5)), epochs=1)


def test_early_stopping_restores_the_best_weights(digits):
    network, curve = trained(
        digits, Joint(), epochs=60, patience=2, learning_rate=0.05, schedule="cosine"
    )
    losses = [epoch.validation_loss for epoch in curve.epochs]
    assert len(losses) < 60
    assert len(losses) == int(np.argmin(losses)) + 3
    logits = torch.from_numpy(exit_logits(network, digits[1]).values)
    labels = digits[1].labels
    loss = np.mean([torch.nn.functional.cross_entropy(z, labels).item() for z in logits])
    assert loss == pytest.approx(min(losses), rel=1e-5)


@pytest.mark.parametrize(
    "options",
    [{"precision": "bfloat16"}, {"optimizer": "sgd", "learning_rate": 0.1}, {"limit": 300}],
)
def test_options_train_too(digits, options):
    _, curve = trained(digits, Joint(), **options)
    assert curve.epochs[-1].validation_accuracy[-1] > 0.4


@pytest.fixture(scope="module")
def lines() -> tuple[DevicePart, DevicePart]:
    """Rows whose target is a smooth function of their numbers, and noise that is known."""
    generator = np.random.default_rng(0)
    inputs = generator.standard_normal((600, 1, 12)).astype(np.float32)
    targets = inputs[:, 0, :4].sum(1) / 2 + 0.3 * generator.standard_normal(600)
    labels = ((targets - targets.mean()) / targets.std()).astype(np.float32)[:, None]
    return parts(inputs, labels, 400)


def phased(regime, *phases):
    """The regime under another plan."""
    kind = type(f"Phased{type(regime).__name__}", (type(regime),), {"plan": lambda *_: phases})
    return dataclass(frozen=True)(kind)()


LAST = Phase(0.5, stages=(1, 2, 3), heads=(3,))
HEADS = Phase(0.5, stages=(), heads=(1, 2, 3))


@pytest.mark.parametrize("regime", [LearnedGate(), MetaWeighted()])
@pytest.mark.parametrize("plan", [(LAST, HEADS), (replace(HEADS, stages=(1, 2, 3)), LAST)])
def test_an_auxiliary_module_learns_in_the_phases_of_all_exits(digits, regime, plan):
    seed_everything(0)
    network = build_network(ImageCNN(widths=(8, 16, 32), pool=2), (1, 8, 8), 10)
    model = ExitModel(network, phased(regime, *plan), 10)
    before = copy.deepcopy(model.auxiliary.state_dict())
    train(model, *digits, TrainingOptions(epochs=2, batch_size=64), 0)
    for name, value in model.auxiliary.state_dict().items():
        assert not torch.equal(value, before[name]), name


@pytest.mark.parametrize("phase", [LAST, replace(HEADS, stages=(1, 2, 3), one_by_one=True)])
def test_an_auxiliary_module_that_would_never_learn_is_refused(digits, phase):
    alone = replace(phase, share=1.0)
    with pytest.raises(InputError, match=r"PhasedLearnedGate: its auxiliary module reads all 3"):
        trained(digits, phased(LearnedGate(), alone))


@dataclass(frozen=True)
class Watching(BranchWise):
    """Makes no penalty, but draws a random number and notes what each phase begins with."""

    def penalty(self, start):
        torch.rand(1, generator=start.generator)
        state = (start.network.training, [p.requires_grad for p in start.network.parameters()])
        STARTS.append((start.phase, *state, start.inputs, start.labels))


STARTS = []


def test_a_regime_sees_what_each_phase_begins_with_and_changes_nothing_by_it(digits):
    STARTS.clear()
    watched, _ = trained(digits, Watching(), epochs=3, limit=300)
    plain, _ = trained(digits, BranchWise(), epochs=3, limit=300)
    for name, weight in watched.weights().items():
        assert np.array_equal(weight, plain.weights()[name]), name
    assert tuple(start[0] for start in STARTS) == BranchWise().plan(3)
    for _, training, learns, inputs, labels in STARTS:
        assert not training
        assert all(learns)
        assert inputs.shape == (300, 1, 8, 8)
        assert labels.shape == (300,)


@dataclass(frozen=True)
class Normalised(ConvolutionalBackbone):
    """Blocks with running statistics, as in the networks of torchvision."""

    example_shape: ClassVar[tuple[int, ...]] = (1, 8, 8)

    def blocks(self, input_shape):
        return tuple(
            nn.Sequential(nn.Conv2d(narrow, wide, 3, padding=1), nn.BatchNorm2d(wide), nn.ReLU())
            for narrow, wide in pairwise((input_shape[0], *self.widths))
        )


@pytest.mark.parametrize("regime", [Joint(), Disjoint(), MetaWeighted()])
def test_running_statistics_are_those_of_training_alone(digits, regime):
    seed_everything(0)
    backbone = Normalised(widths=(4, 6), exits=2)
    model = ExitModel(build_network(backbone, (1, 8, 8), 10), regime, 10)
    assert exit_costs(backbone, (1, 8, 8), 10).macs[0] > 0
    fresh = {n: b.clone() for n, b in model.network.named_buffers()}
    for name, buffer in fresh.items():
        untouched = torch.ones_like(buffer) if "var" in name else torch.zeros_like(buffer)
        assert torch.equal(buffer, untouched), name
    options = TrainingOptions(epochs=2, batch_size=100)
    train(model, *digits, options, 0)
    found = dict(model.network.named_buffers())
    steps = {n: int(b) for n, b in found.items() if "tracked" in n}
    # Nine batches an epoch; the backbone is frozen in the second phase of `disjoint`.
    assert set(steps.values()) == {9 if isinstance(regime, Disjoint) else 18}
    again = ExitModel(build_network(backbone, (1, 8, 8), 10), regime, 10)
    again.load_weights(model.weights())
    assert np.array_equal(
        exit_logits(again, digits[1]).values, exit_logits(model, digits[1]).values
    )


@pytest.mark.parametrize(
    "name", [n for n in REGIMES.names() if "regression" in REGIMES.get(n).tasks]
)
def test_every_regime_for_real_values_learns_a_line(lines, name):
    regime = REGIMES.get(name)()
    for static_exit in regime.static_exits(2)[-1:]:
        seed_everything(0)
        backbone = SpectralCNN(widths=(16, 16), exits=2, pool=6)
        model = ExitModel(build_network(backbone, (1, 12), 2, static_exit), regime, 2)
        options = TrainingOptions(epochs=12, batch_size=32, learning_rate=0.01)
        curve = train(model, *lines, options, 0)
        assert min(curve.epochs[-1].validation_accuracy) > 0.5
        assert curve.frame().notna().all(axis=None)
    found = exit_logits(model, lines[1])
    assert found.task == "regression"
    last = np.square(found.labels - found.means[-1]).mean()
    assert curve.epochs[-1].validation_accuracy[-1] == pytest.approx(1 - last, abs=1e-4)
