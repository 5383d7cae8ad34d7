import numpy as np
import torch

from harness.core.types import Part
from harness.models.backbones.image_cnn import ImageCNN
from harness.models.early_exit import build_network
from harness.regimes.joint import Joint
from harness.training.device_data import DevicePart
from harness.training.evaluate import EVALUATION_BATCH, exit_logits
from harness.training.model import ExitModel


def test_batches_give_what_one_pass_gives():
    torch.manual_seed(0)
    network = build_network(ImageCNN(widths=(4, 8, 8)), (1, 8, 8), 10)
    samples = EVALUATION_BATCH + 7
    inputs = np.random.default_rng(0).standard_normal((samples, 1, 8, 8)).astype(np.float32)
    labels = np.arange(samples, dtype=np.int64) % 10
    found = exit_logits(ExitModel(network, Joint(), 10), DevicePart.of(Part(inputs, labels)))
    assert found.values.shape == (3, samples, 10)
    assert found.values.dtype == np.float32
    assert np.array_equal(found.labels, labels)
    assert found.gates is None
    whole = network(torch.from_numpy(inputs)).detach().numpy()
    np.testing.assert_allclose(found.values, whole, atol=1e-5)
