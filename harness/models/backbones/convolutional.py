"""Bases of the convolutional backbones: heads that pool features, and blocks of one layer."""

import math
from dataclasses import dataclass
from typing import Annotated

from torch import nn

from harness.core.parameters import bounded
from harness.models.backbones import Backbone, Widths


@dataclass(frozen=True)
class PooledBackbone(Backbone):
    """A backbone whose features have one spatial axis or more, which its heads average-pool."""

    pool: Annotated[int, bounded(1, 16, "cells per axis to which a head pools features")] = 4

    def head_cells(self, space: tuple[int, ...]) -> tuple[int, ...]:
        """`pool` cells per axis, or all of an axis that has fewer."""
        return tuple(min(self.pool, size) for size in space)


@dataclass(frozen=True)
class ConvolutionalBackbone(PooledBackbone):
    """A backbone with one `block` for each width."""

    widths: Widths = (16, 32, 64)

    def __post_init__(self) -> None:
        """Refuse more exits than widths before any network is built; raises InputError."""
        self.check_exits(len(self.widths))


def block(convolution: nn.Module, width: int) -> nn.Module:
    """A convolution of `width` channels, group normalisation (no running statistics) and ReLU."""
    return nn.Sequential(convolution, nn.GroupNorm(math.gcd(4, width), width), nn.ReLU())
