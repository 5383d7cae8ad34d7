"""Fully connected layers over inputs of any shape, flattened."""

from dataclasses import dataclass
from itertools import pairwise
from math import prod
from typing import ClassVar

from torch import nn

from harness.core.errors import InputError
from harness.models.backbones import Backbone, Widths


@dataclass(frozen=True)
class Template(Backbone):
    """Blocks of linear layer, normalisation and ReLU; features are [N, width, 1]."""

    # Inputs [channels, *space] that it reads with its defaults: checks and lists use them.
    example_shape: ClassVar[tuple[int, ...]] = (1, 8, 8)

    # `exits` and `head` (hidden units of each head) are there already; add what is yours.
    widths: Widths = (32, 64, 128)

    def blocks(self, input_shape: tuple[int, ...]) -> tuple[nn.Module, ...]:
        """The blocks in order; they are divided among the exits, and heads and MACs come free.

        They must build on torch's meta device too: copy no weights into tensors here. Normalise
        without running statistics where that can be (GroupNorm rather than BatchNorm).
        """
        if len(input_shape) not in {2, 3}:
            raise InputError(
                "backbone template reads inputs [channels, length] or [channels, height, width], "
                f"found {list(input_shape)}"
            )
        first = nn.Flatten()  # [N, channels, *space] to [N, features]
        sizes = (prod(input_shape), *self.widths)
        return tuple(
            nn.Sequential(
                first if index == 0 else nn.Flatten(),
                nn.Linear(narrow, wide),
                nn.GroupNorm(1, wide),
                nn.ReLU(),
                nn.Unflatten(1, (wide, 1)),  # heads read [N, channels, *space]
            )
            for index, (narrow, wide) in enumerate(pairwise(sizes))
        )
