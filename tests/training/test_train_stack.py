"""A stack against the same networks trained one by one."""

import math
from dataclasses import dataclass, replace

import pytest
import torch
from sklearn.datasets import load_diabetes, load_digits
from torch.nn import functional

from harness.core.errors import InputError, TrialError
from harness.core.types import DataShape
from harness.models.backbones.image_cnn import ImageCNN
from harness.models.backbones.resnet import ResNet
from harness.models.backbones.spectral_cnn import SpectralCNN
from harness.models.early_exit import build_network
from harness.regimes import REGIMES, Regime
from harness.regimes.branch_wise import BranchWise
from harness.regimes.hard_cgt import HardCGT
from harness.regimes.joint import Joint
from harness.training.curve import Curve, TrainingError
from harness.training.device_data import DevicePart
from harness.training.evaluate import exit_logits
from harness.training.model import ExitModel
from harness.training.options import TrainingOptions
from harness.training.seeding import seed_everything
from harness.training.stackable import why_not
from harness.training.train import train
from harness.training.train_stack import train_stack

SEEDS = (3, 4, 7)
IMAGES = DataShape((1, 8, 8), 10, "classification")
NETWORK = ImageCNN(widths=(4, 8, 8), pool=2)
TOLERANCE = 1e-4
STACKED = [
    name
    for name in REGIMES.names()
    if why_not(NETWORK, r := REGIMES.get(name)(), TrainingOptions(), IMAGES, r.static_exits(3)[-1])
    is None
]


@pytest.fixture(scope="module")
def digits():
    data = load_digits()
    inputs = torch.from_numpy((data.images - data.images.mean()) / data.images.std())
    inputs, labels = inputs.float()[:, None], torch.from_numpy(data.target)
    return DevicePart(inputs[:300], labels[:300]), DevicePart(inputs[300:400], labels[300:400])


@pytest.fixture(scope="module")
def diabetes():
    data = load_diabetes()
    targets = torch.from_numpy((data.target - data.target.mean()) / data.target.std())
    inputs, labels = torch.from_numpy(data.data * 20).float()[:, None], targets.float()[:, None]
    return DevicePart(inputs[:300], labels[:300]), DevicePart(inputs[300:], labels[300:])


def members(regime, backbone=NETWORK, shape=(1, 8, 8), width=10):
    """A new model of each seed."""
    found = []
    for seed in SEEDS:
        seed_everything(seed)
        static_exit = regime.static_exits(backbone.exits)[-1]
        found.append(ExitModel(build_network(backbone, shape, width, static_exit), regime, width))
    return found


def both_ways(models, alone, parts, options):
    """How a stack and its members one by one ended."""
    found = train_stack(models, *parts, options, SEEDS)
    expected = []
    for model, own, seed in zip(alone, options, SEEDS, strict=True):
        try:
            expected.append(train(model, *parts, own, seed))
        except TrainingError as error:
            expected.append(error)
    return found, expected


def assert_same(found, expected):
    """Curves agree within the tolerance, epoch by epoch."""
    assert isinstance(found, Curve)
    assert len(found.epochs) == len(expected.epochs)
    for own, other in zip(found.epochs, expected.epochs, strict=True):
        assert own.phase == other.phase
        assert own.learning_rate == other.learning_rate
        assert own.train_loss == pytest.approx(other.train_loss, rel=TOLERANCE)
        assert own.validation_loss == pytest.approx(other.validation_loss, rel=TOLERANCE)
        assert own.mean_weight == pytest.approx(other.mean_weight, rel=TOLERANCE, abs=1e-6)
        # Of 100 samples at most one lies so near to a boundary.
        assert own.validation_accuracy == pytest.approx(other.validation_accuracy, abs=0.011)


def assert_equal_networks(models, alone, part):
    for model, other in zip(models, alone, strict=True):
        assert [p.requires_grad for p in model.parameters()] == [True] * len([*model.parameters()])
        found, expected = exit_logits(model, part), exit_logits(other, part)
        assert torch.allclose(
            torch.from_numpy(found.values), torch.from_numpy(expected.values), rtol=1e-3, atol=1e-3
        )


@pytest.mark.parametrize("name", STACKED)
def test_every_regime_that_stacks_trains_as_one_by_one(digits, name):
    """Fifty steps, each an epoch of its own."""
    # AdamW makes a whole step of a gradient that is rounding alone: `distilled` parted on one CPU.
    sgd = {"optimizer": "sgd", "learning_rate": 0.05} if name == "distilled" else {}
    options = TrainingOptions(epochs=50, limit=48, batch_size=48, **sgd)
    regime = REGIMES.get(name)()
    models, alone = members(regime), members(regime)
    for found, expected in zip(*both_ways(models, alone, digits, [options] * 3), strict=True):
        assert_same(found, expected)
    assert_equal_networks(models, alone, digits[1])


def test_distilled_trains_as_one_by_one_under_adamw_before_rounding_parts_it(digits):
    options = TrainingOptions(epochs=10, limit=48, batch_size=48)
    models, alone = (members(REGIMES.get("distilled")()) for _ in range(2))
    for found, expected in zip(*both_ways(models, alone, digits, [options] * 3), strict=True):
        assert_same(found, expected)
    assert_equal_networks(models, alone, digits[1])


def test_most_regimes_stack():
    assert len(STACKED) >= 13


def test_batches_of_unequal_size_in_several_epochs(digits):
    options = TrainingOptions(epochs=5, batch_size=64)  # 300 samples: the last batch has 44
    models, alone = members(HardCGT()), members(HardCGT())
    for found, expected in zip(*both_ways(models, alone, digits, [options] * 3), strict=True):
        assert_same(found, expected)


def test_a_regression_trains_as_one_by_one(diabetes):
    backbone, regime = SpectralCNN(widths=(4, 4, 4), kernel=3), REGIMES.get("soft_cgt")()
    # At the default rate one member's rounding grows to 1.6e-4 within these 30 steps.
    options = TrainingOptions(epochs=5, batch_size=50, learning_rate=1e-3)
    made = [members(regime, backbone, (1, 10), 2) for _ in range(2)]
    for found, expected in zip(*both_ways(*made, diabetes, [options] * 3), strict=True):
        assert_same(found, expected)


@pytest.mark.parametrize("regime", [Joint(), BranchWise()])
def test_running_statistics_are_each_members_own(digits, regime):
    backbone = ResNet(depth=1, width=4, normalisation="batch")
    models, alone = members(regime, backbone), members(regime, backbone)
    options = TrainingOptions(epochs=3, batch_size=50, limit=100)
    both_ways(models, alone, digits, [options] * 3)
    for model, other in zip(models, alone, strict=True):
        for (name, own), expected in zip(model.named_buffers(), other.buffers(), strict=True):
            assert torch.allclose(own, expected, rtol=1e-3, atol=1e-4), name


@pytest.mark.parametrize("augmentation", ["flip_crop", "noise"])
def test_augmentation_is_each_members_own(digits, augmentation):
    options = TrainingOptions(epochs=3, batch_size=64, augmentation=augmentation)
    models, alone = members(Joint()), members(Joint())
    for found, expected in zip(*both_ways(models, alone, digits, [options] * 3), strict=True):
        assert_same(found, expected)


def test_members_may_differ_in_float_options(digits):
    options = [
        TrainingOptions(epochs=4, batch_size=64, learning_rate=rate, weight_decay=decay)
        for rate, decay in ((1e-3, 0.0), (1e-2, 0.1), (3e-3, 0.01))
    ]
    models, alone = members(Joint()), members(Joint())
    for found, expected in zip(*both_ways(models, alone, digits, options), strict=True):
        assert_same(found, expected)


@pytest.mark.parametrize("regime", [Joint(), REGIMES.get("disjoint")()])
def test_early_stopping_is_each_members_own_and_keeps_its_best_epoch(digits, regime):
    options = TrainingOptions(
        epochs=24, batch_size=50, optimizer="sgd", learning_rate=0.03, patience=1
    )
    models, alone = members(regime), members(regime)
    found, expected = both_ways(models, alone, digits, [options] * 3)
    lengths = [len(curve.epochs) for curve in expected]
    assert len(set(lengths)) > 1  # else nobody leaves before another
    assert [len(curve.epochs) for curve in found] == lengths
    for own, other in zip(found, expected, strict=True):
        assert own.epochs[0].train_loss == pytest.approx(other.epochs[0].train_loss, rel=TOLERANCE)
    for model, curve in zip(models, found, strict=True):
        last = [epoch for epoch in curve.epochs if epoch.phase == curve.epochs[-1].phase]
        heads = regime.plan(3)[-1].heads
        logits, labels = torch.from_numpy(exit_logits(model, digits[1]).values), digits[1].labels
        losses = [functional.cross_entropy(logits[head - 1], labels).item() for head in heads]
        best = min(epoch.validation_loss for epoch in last)
        assert sum(losses) / len(losses) == pytest.approx(best, rel=TOLERANCE)


def test_what_is_not_finite_ends_alone(digits):
    options = TrainingOptions(epochs=4, batch_size=64)
    ruined = replace(options, learning_rate=10.0, weight_decay=1.0, optimizer="sgd")
    sound = replace(options, learning_rate=0.01, optimizer="sgd")
    each = [sound, replace(ruined, momentum=0.999), sound]
    models, alone = members(Joint()), members(Joint())
    found, expected = both_ways(models, alone, digits, each)
    assert isinstance(expected[1], TrainingError)
    assert str(found[1]) == str(expected[1])
    assert len(found[1].curve.epochs) == len(expected[1].curve.epochs)
    last = found[1].curve.epochs[-1]
    assert not (math.isfinite(last.train_loss) and math.isfinite(last.validation_loss))
    for member in (0, 2):
        assert_same(found[member], expected[member])


def test_a_stack_of_members_that_all_fail_ends(digits):
    options = TrainingOptions(
        epochs=8, optimizer="sgd", schedule="cosine", learning_rate=9.0, weight_decay=1.0,
        batch_size=16,
    )  # fmt: skip
    found = train_stack(members(Joint()), *digits, [options] * 3, SEEDS)
    assert all(isinstance(each, TrainingError) for each in found)


@dataclass(frozen=True)
class Refusing(Regime):
    """Fails by itself, late in training."""

    def weights(self, logits, labels, progress, auxiliary=None):
        if progress > 0.5:
            raise TrialError("not beyond half the training")
        return super().weights(logits, labels, progress, auxiliary)


def test_what_a_plug_in_refuses_it_refuses_for_all_members(digits):
    options = TrainingOptions(epochs=4, batch_size=100)
    found, expected = both_ways(members(Refusing()), members(Refusing()), digits, [options] * 3)
    assert [str(each) for each in found] == [str(each) for each in expected]
    assert [len(each.curve.epochs) for each in found] == [2, 2, 2]


def test_a_stack_gives_the_same_bits_twice(digits):
    options = TrainingOptions(epochs=2, batch_size=64)
    twice = [members(HardCGT()) for _ in range(2)]
    curves = [train_stack(models, *digits, [options] * 3, SEEDS) for models in twice]
    assert curves[0] == curves[1]
    for model, other in zip(*twice, strict=True):
        assert all(
            torch.equal(a, b) for a, b in zip(model.parameters(), other.parameters(), strict=True)
        )


def test_an_auxiliary_module_that_would_never_learn_is_refused(digits):
    @dataclass(frozen=True)
    class Odd(type(REGIMES.get("learned_gate")())):
        def plan(self, exits):
            return BranchWise().plan(exits)

    with pytest.raises(InputError, match="would never learn"):
        train_stack(members(Odd()), *digits, [TrainingOptions()] * 3, SEEDS)
