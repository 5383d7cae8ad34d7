"""Every backbone of images trains, and repeats bit by bit."""

import numpy as np
import pytest
from sklearn.datasets import load_digits

from harness.core.types import Part
from harness.models.backbones import BACKBONES
from harness.models.backbones.resnet import ResNet
from harness.models.backbones.torchvision import Torchvision
from harness.models.early_exit import build_network
from harness.regimes import REGIMES
from harness.training.device_data import DevicePart
from harness.training.evaluate import exit_logits
from harness.training.model import ExitModel
from harness.training.options import TrainingOptions
from harness.training.seeding import seed_everything
from harness.training.train import train
from tests.models.recipes import small_recipe

OF_IMAGES = [n for n in BACKBONES.names() if len(BACKBONES.get(n).example_shape) == 3]
WITH_STATISTICS = [
    ResNet(depth=1, width=4, normalisation="batch"),
    Torchvision(network="shufflenet_v2_x1_0"),
]


@pytest.fixture(scope="module")
def digits():
    """Images [1, 8, 8]: 128 to train on, 100 to validate on."""
    data = load_digits()
    inputs = ((data.images - data.images.mean()) / data.images.std()).astype(np.float32)[:, None]
    labels = data.target.astype(np.int64)
    chosen = (slice(0, 128), slice(128, 228))
    return tuple(DevicePart.of(Part(inputs[part], labels[part])) for part in chosen)


def trained(digits, backbone, regime, seed=0):
    """Two epochs, the second of `disjoint` with its stages frozen."""
    seed_everything(seed)
    model = ExitModel(build_network(backbone, (1, 8, 8), 10), REGIMES.get(regime)(), 10)
    options = TrainingOptions(epochs=2, batch_size=64)
    return model, train(model, *digits, options, seed)


@pytest.mark.parametrize("regime", ["joint", "disjoint"])
@pytest.mark.parametrize("name", OF_IMAGES)
def test_training_repeats_bit_by_bit(digits, name, regime):
    recipe = small_recipe(name, exits=2)
    (one, first), (two, second) = (trained(digits, recipe, regime) for _ in range(2))
    assert first == second
    weights = two.weights()
    assert all(np.array_equal(value, weights[n]) for n, value in one.weights().items())
    other, _ = trained(digits, recipe, regime, seed=1)
    logits = [exit_logits(model, digits[1]).values for model in (one, other)]
    assert np.isfinite(logits[0]).all()
    assert not np.array_equal(*logits)


@pytest.mark.parametrize("backbone", WITH_STATISTICS, ids=lambda recipe: type(recipe).__name__)
def test_running_statistics_are_kept_and_freeze_with_their_stage(digits, backbone):
    steps = 2  # batches of an epoch
    for regime, counted in (("joint", 2 * steps), ("disjoint", steps)):
        model, _ = trained(digits, backbone, regime)
        weights = model.weights()
        tracked = {int(value) for name, value in weights.items() if "tracked" in name}
        assert tracked == {counted}
        again = ExitModel(build_network(backbone, (1, 8, 8), 10), REGIMES.get(regime)(), 10)
        again.load_weights(weights)
        found, expected = (exit_logits(each, digits[1]).values for each in (again, model))
        assert np.array_equal(found, expected)
