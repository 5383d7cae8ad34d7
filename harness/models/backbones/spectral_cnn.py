"""Spectral CNN: 1-D convolutions over the bands of a pixel's spectrum."""

from dataclasses import dataclass
from itertools import pairwise
from typing import Annotated, ClassVar

from torch import nn

from harness.core.errors import InputError
from harness.core.parameters import bounded
from harness.models.backbones.convolutional import ConvolutionalBackbone, block


@dataclass(frozen=True)
class SpectralCNN(ConvolutionalBackbone):
    """Blocks of convolution, group normalisation, ReLU; each halves the spectral resolution."""

    example_shape: ClassVar[tuple[int, ...]] = (1, 200)

    kernel: Annotated[int, bounded(1, 31, "bands that a convolution spans")] = 7

    def blocks(self, input_shape: tuple[int, ...]) -> tuple[nn.Module, ...]:
        """Blocks for spectra [1, bands]."""
        if len(input_shape) != 2:  # noqa: PLR2004
            raise InputError(
                f"backbone spectral_cnn reads spectra [channels, bands], found {list(input_shape)}"
            )
        return tuple(
            block(nn.Conv1d(narrow, wide, self.kernel, stride=2, padding=self.kernel // 2), wide)
            for narrow, wide in pairwise((input_shape[0], *self.widths))
        )
