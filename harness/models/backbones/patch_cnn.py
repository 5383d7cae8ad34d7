"""Spectral-spatial CNN over patches of a hyperspectral scene."""

from dataclasses import dataclass
from itertools import pairwise
from typing import ClassVar

from torch import nn

from harness.core.errors import InputError
from harness.models.backbones.convolutional import ConvolutionalBackbone, block


@dataclass(frozen=True)
class PatchCNN(ConvolutionalBackbone):
    """A first block that mixes bands at each pixel (1x1), then 3x3 blocks over the patch."""

    example_shape: ClassVar[tuple[int, ...]] = (200, 5, 5)

    def blocks(self, input_shape: tuple[int, ...]) -> tuple[nn.Module, ...]:
        """Blocks for patches [bands, p, p]."""
        if len(input_shape) != 3:  # noqa: PLR2004
            raise InputError(
                f"backbone patch_cnn reads patches [bands, p, p], found {list(input_shape)}"
            )
        return tuple(
            block(nn.Conv2d(narrow, wide, 3 if index else 1, padding=1 if index else 0), wide)
            for index, (narrow, wide) in enumerate(pairwise((input_shape[0], *self.widths)))
        )
