"""Sequential training on scikit-learn's digits, and how much the first exit changed after it."""

import dataclasses

import numpy as np
import torch
from sklearn.datasets import load_digits

from harness.core.types import Part
from harness.models.backbones.image_cnn import ImageCNN
from harness.models.early_exit import build_network
from harness.regimes import PhaseStart
from harness.regimes.sequential_lwf import forgotten
from harness.training.device_data import DevicePart
from harness.training.model import ExitModel
from harness.training.options import TrainingOptions
from harness.training.seeding import seed_everything
from harness.training.train import train


def digits():
    """Two parts of 300 images each."""
    data = load_digits()
    inputs = ((data.images - data.images.mean()) / data.images.std()).astype(np.float32)[:, None]
    labels = data.target.astype(np.int64)
    both = (Part(inputs[:300], labels[:300]), Part(inputs[300:600], labels[300:600]))
    return tuple(map(DevicePart.of, both))


def trained(regime, exits=2, **options):
    """The model after training, and the first exit's logits on the second part before phase 2."""
    train_part, other = digits()
    before = []

    def penalty(self, start):
        with torch.no_grad():
            before.append(start.network(other.inputs, (1,)))
        return type(regime).penalty(self, start)

    kind = type("Noting", (type(regime),), {"penalty": penalty})
    noting = dataclasses.dataclass(frozen=True)(kind)(**dataclasses.asdict(regime))
    seed_everything(0)
    network = build_network(ImageCNN(widths=(8, 8), exits=exits, pool=2), (1, 8, 8), 10)
    model = ExitModel(network, noting, 10)
    settings = {"epochs": 6, "batch_size": 32, "learning_rate": 0.01, **options}
    train(model, train_part, other, TrainingOptions(**settings), 0)
    return model, before[min(1, exits - 1)]


def forgetting(regime):
    """Divergence of the first exit's predictions at the end from those before the second phase."""
    model, before = trained(regime)
    inputs = digits()[1].inputs
    with torch.no_grad():
        return forgotten(before, model.network(inputs, (1,))).item()


def start_of(network, phase, inputs, labels):
    """The start of a phase, as the trainer gives it."""
    return PhaseStart(phase, network.eval(), inputs, labels, torch.Generator().manual_seed(0))


def assert_equal_weights(model, other):
    """Bit by bit."""
    for name, weight in model.weights().items():
        np.testing.assert_array_equal(weight, other.weights()[name], err_msg=name)
