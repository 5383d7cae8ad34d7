import pytest
import torch

from harness.core.errors import InputError
from harness.training.augment import SHIFT, augment


def seeded(seed=0):
    return torch.Generator().manual_seed(seed)


def test_none_changes_nothing():
    inputs = torch.randn(3, 1, 200)
    assert augment(inputs, "none", seeded()) is inputs


def test_noise_is_a_tenth_of_the_scale():
    inputs = torch.zeros(50, 1, 200)
    noise = augment(inputs, "noise", seeded())
    assert noise.std().item() == pytest.approx(0.1, rel=0.05)
    assert torch.equal(noise, augment(inputs, "noise", seeded()))
    assert not torch.equal(noise, augment(inputs, "noise", seeded(1)))


def test_flip_crop_moves_each_image_by_a_few_pixels():
    inputs = torch.zeros(200, 2, 9, 9)
    inputs[:, 0, 4, 4] = 1
    inputs[:, 1, 4, 4] = 2
    moved = augment(inputs, "flip_crop", seeded())
    assert moved.shape == inputs.shape
    assert torch.equal(moved[:, 1], 2 * moved[:, 0])
    samples, rows, columns = moved[:, 0].nonzero(as_tuple=True)
    assert torch.equal(samples, torch.arange(200))
    reached = set(range(4 - SHIFT, 4 + SHIFT + 1))
    assert {*rows.tolist()} == {*columns.tolist()} == reached


def test_flip_crop_mirrors_about_every_second_image():
    inputs = torch.zeros(400, 1, 9, 9)
    inputs[:, 0, 4, 3:6] = torch.tensor([1.0, 2.0, 3.0])
    moved = augment(inputs, "flip_crop", seeded())[:, 0].sum(1)
    positions = torch.arange(9.0)
    first = (moved == 1).float() @ positions
    last = (moved == 3).float() @ positions
    assert {*(last - first).tolist()} == {2.0, -2.0}
    assert (last < first).float().mean().item() == pytest.approx(0.5, abs=0.1)


def test_flip_crop_refuses_spectra():
    with pytest.raises(InputError, match="flip_crop needs images"):
        augment(torch.zeros(3, 1, 200), "flip_crop", torch.Generator())
