import numpy as np
import pytest
import torch

from harness.core.types import Part, Standardisation
from harness.training.device_data import DevicePart


@pytest.fixture
def images():
    inputs = np.random.default_rng(0).integers(0, 256, (9, 2, 4, 4), dtype=np.uint8)
    return Part(inputs, np.arange(9) % 3)


@pytest.fixture
def moments(images):
    values = images.inputs.astype(np.float32)
    mean, deviation = values.mean((0, 2, 3)), values.std((0, 2, 3))
    return Standardisation(mean[:, None, None], deviation[:, None, None])


def test_bytes_stay_bytes_and_are_standardised_by_channel(images, moments):
    part = DevicePart.of(images, moments)
    assert part.inputs.dtype == torch.uint8
    found = part.standardised()
    assert found.dtype == torch.float32
    torch.testing.assert_close(found.mean((0, 2, 3)), torch.zeros(2), atol=1e-5, rtol=0)
    torch.testing.assert_close(found.std((0, 2, 3), correction=0), torch.ones(2))


def test_subsets_and_batches_are_standardised_as_the_whole(images, moments):
    part = DevicePart.of(images, moments)
    whole = part.standardised()
    assert torch.equal(part.subset(torch.tensor([5, 2])).standardised(), whole[[5, 2]])
    batches = part.batches(4)
    assert [len(batch) for batch in batches] == [4, 4, 1]
    assert torch.equal(torch.cat([batch.standardised() for batch in batches]), whole)
    assert torch.equal(torch.cat([batch.labels for batch in batches]), part.labels)


def test_inputs_on_the_cpu_are_not_copied(images):
    floats = Part(images.inputs.astype(np.float32), images.labels)
    part = DevicePart.of(floats)
    assert part.standardised().data_ptr() == floats.inputs.ctypes.data
