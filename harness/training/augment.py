"""Data augmentation of whole batches."""

import torch
from torch import Tensor
from torch.nn import functional

from harness.core.errors import InputError

SHIFT = 2
_NOISE = 0.1
_MIRRORED = 0.5
"""Probability that an image is mirrored."""
_IMAGE_BATCH = 4
"""Axes of a batch of images: sample, channel, row, column."""


def augment(inputs: Tensor, kind: str, generator: torch.Generator) -> Tensor:
    """Augment a batch [N, channels, *space].

    Parameters
    ----------
    kind
        `none`; `flip_crop` mirrors each image with probability 0.5 and shifts each by up to 2
        pixels; `noise` adds Gaussian noise of standard deviation 0.1 to the standardised inputs.
    generator
        On the device of `inputs`.

    Raises
    ------
    InputError
        `flip_crop` is requested for inputs that are not images.
    """
    if kind == "noise":
        return inputs + _NOISE * torch.randn(
            inputs.shape, generator=generator, device=inputs.device
        )
    if kind == "flip_crop":
        if inputs.ndim != _IMAGE_BATCH:
            raise InputError(
                f"augmentation flip_crop needs images [channels, height, width], "
                f"found inputs {list(inputs.shape[1:])}"
            )
        return _flip_crop(inputs, generator)
    return inputs


def _flip_crop(inputs: Tensor, generator: torch.Generator) -> Tensor:
    samples, _, height, width = inputs.shape
    device = inputs.device
    padded = functional.pad(inputs, (SHIFT,) * 4)
    shifts = torch.randint(0, 2 * SHIFT + 1, (2, samples, 1), generator=generator, device=device)
    rows = shifts[0] + torch.arange(height, device=device)
    columns = shifts[1] + torch.arange(width, device=device)
    mirrored = torch.rand(samples, 1, generator=generator, device=device) < _MIRRORED
    columns = torch.where(mirrored, columns.flip(1), columns)
    batch = torch.arange(samples, device=device)[:, None, None]
    moved = padded.movedim(1, -1)[batch, rows[:, :, None], columns[:, None, :]]
    return moved.movedim(-1, 1).contiguous()
