"""Image CNN: 2-D convolutions; each block after the first halves the resolution."""

from dataclasses import dataclass
from itertools import pairwise
from typing import ClassVar

from torch import nn

from harness.core.errors import InputError
from harness.models.backbones.convolutional import ConvolutionalBackbone, block


@dataclass(frozen=True)
class ImageCNN(ConvolutionalBackbone):
    """Blocks of 3x3 convolution, group normalisation, ReLU."""

    example_shape: ClassVar[tuple[int, ...]] = (1, 28, 28)

    def blocks(self, input_shape: tuple[int, ...]) -> tuple[nn.Module, ...]:
        """Blocks for images [channels, height, width]."""
        if len(input_shape) != 3:  # noqa: PLR2004
            raise InputError(
                f"backbone image_cnn reads images [channels, height, width], "
                f"found {list(input_shape)}"
            )
        return tuple(
            block(nn.Conv2d(narrow, wide, 3, stride=2 if index else 1, padding=1), wide)
            for index, (narrow, wide) in enumerate(pairwise((input_shape[0], *self.widths)))
        )
