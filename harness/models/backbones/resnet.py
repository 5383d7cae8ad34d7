"""Residual network for small images, in the style of CIFAR (He et al. 2016)."""

import math
from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal

from torch import Tensor, nn
from torch.nn import functional

from harness.core.errors import InputError
from harness.core.parameters import Parameters, bounded, described
from harness.models.backbones.convolutional import PooledBackbone


@dataclass(frozen=True)
class ResNet(PooledBackbone):
    """Three groups of `depth` residual blocks, the network for CIFAR of He et al. (1512.03385).

    Their ResNet-(6 depth + 2): a 3x3 convolution, then groups of `width`, twice and four times
    `width` channels, the second and third at half the resolution of the one before. Depth 3 and
    width 16 are their ResNet-20. Exits lie between residual blocks; the first convolution belongs
    to the first block. Where the channels double, the shortcut takes every other pixel and adds
    channels of zeros (their option A), without parameters.

    Normalisation is by groups of channels by default, which no other sample of a batch enters into.
    With `normalisation: batch`, as in the paper, running statistics are part of the weights; those
    of stages that a regime freezes stay as they are.
    """

    example_shape: ClassVar[tuple[int, ...]] = (3, 32, 32)
    tiny: ClassVar[Parameters] = {"width": 4}

    depth: Annotated[int, bounded(1, 18, "residual blocks in each of the three groups")] = 3
    width: Annotated[int, bounded(1, 1024, "channels of the first group")] = 16
    normalisation: Annotated[
        Literal["group", "batch"], described("group: within a sample; batch: over the batch")
    ] = "group"

    def __post_init__(self) -> None:
        """Refuse more exits than blocks before any network is built; raises InputError."""
        self.check_exits(3 * self.depth)

    def blocks(self, input_shape: tuple[int, ...]) -> tuple[nn.Module, ...]:
        """Blocks for images [channels, height, width]."""
        if len(input_shape) != 3:  # noqa: PLR2004
            raise InputError(
                f"backbone resnet reads images [channels, height, width], found {list(input_shape)}"
            )
        first = (_convolution(input_shape[0], self.width, 1), self._norm(self.width), nn.ReLU())
        blocks: list[nn.Module] = []
        narrow = self.width
        for wide in (self.width, 2 * self.width, 4 * self.width):
            for _ in range(self.depth):
                blocks.append(ResidualBlock(narrow, wide, self._norm(wide), self._norm(wide)))
                narrow = wide
        return nn.Sequential(*first, blocks[0]), *blocks[1:]

    def _norm(self, width: int) -> nn.Module:
        if self.normalisation == "batch":
            return nn.BatchNorm2d(width)
        return nn.GroupNorm(math.gcd(4, width), width)


class ResidualBlock(nn.Module):
    """relu(shortcut(x) + norm(conv(relu(norm(conv(x)))))), of 3x3 convolutions.

    Parameters
    ----------
    narrow, wide
        Channels of its inputs and outputs. Where they differ, the resolution is halved.
    first, second
        Normalisations after the two convolutions.
    """

    def __init__(self, narrow: int, wide: int, first: nn.Module, second: nn.Module) -> None:
        super().__init__()
        self.stride = 1 if narrow == wide else 2
        self.added = wide - narrow
        self.residual = nn.Sequential(
            _convolution(narrow, wide, self.stride),
            first,
            nn.ReLU(),
            _convolution(wide, wide, 1),
            second,
        )

    def forward(self, features: Tensor) -> Tensor:
        """Features [N, wide, h, w] of features [N, narrow, height, width]."""
        shortcut = features[:, :, :: self.stride, :: self.stride]
        shortcut = functional.pad(shortcut, (0, 0, 0, 0, 0, self.added))
        return functional.relu(shortcut + self.residual(features))


def _convolution(narrow: int, wide: int, stride: int) -> nn.Module:
    """A 3x3 convolution without bias (a norm follows), with the paper's initial weights."""
    convolution = nn.Conv2d(narrow, wide, 3, stride, padding=1, bias=False)
    nn.init.kaiming_normal_(convolution.weight, mode="fan_out", nonlinearity="relu")
    return convolution
