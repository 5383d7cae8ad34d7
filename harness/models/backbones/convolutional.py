"""What the convolutional backbones share: the block, and heads that pool features to few cells."""

import math
from dataclasses import dataclass
from typing import Annotated

from torch import nn

from harness.core.parameters import bounded
from harness.models.backbones import Backbone


@dataclass(frozen=True)
class ConvolutionalBackbone(Backbone):
    """A backbone whose features have cells, along one axis or more, for a head to average."""

    pool: Annotated[int, bounded(1, 16, "cells per axis that a head averages features to")] = 4

    def head_cells(self, space: tuple[int, ...]) -> tuple[int, ...]:
        """`pool` cells per axis, or all of an axis that has fewer."""
        return tuple(min(self.pool, size) for size in space)


def block(convolution: nn.Module, width: int) -> nn.Module:
    """A convolution of `width` channels, group normalisation (no running statistics) and ReLU."""
    return nn.Sequential(convolution, nn.GroupNorm(math.gcd(4, width), width), nn.ReLU())
