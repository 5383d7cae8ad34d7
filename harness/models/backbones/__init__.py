"""Backbones: the blocks that an early-exit network divides into stages."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Annotated, ClassVar, TypeAlias

import pydantic
from torch import nn

from harness.core.errors import InputError
from harness.core.parameters import STRICT, Parameters, bounded, described
from harness.core.plugins import Registry

Widths: TypeAlias = Annotated[
    tuple[Annotated[int, bounded(1, 65_536, "channels")], ...],
    described("channels of each block"),
]


@dataclass(frozen=True)
class Backbone(ABC):
    """A backbone: architecture of the stages of an early-exit network.

    Its blocks are divided into `exits` consecutive stages of near-equal size, each followed by an
    exit.
    """

    __pydantic_config__: ClassVar[pydantic.ConfigDict] = STRICT
    example_shape: ClassVar[tuple[int, ...]]
    """Shape [channels, *space] of an input that the default backbone reads; always set.

    `harness list backbones` shows it, and the tests of all backbones use it.
    """
    tiny: ClassVar[Parameters] = {}
    """Parameters that make any network of the kind a small one: those of a smoke run."""
    reads_graph: ClassVar[bool] = False
    """Whether predictions depend on a graph of the samples: then none can be run alone."""

    exits: Annotated[int, bounded(1, 8, "number of exits, at most one per block")] = 3
    head: Annotated[int, bounded(0, 4096, "hidden units of a head; 0 is a linear head")] = 0

    @abstractmethod
    def blocks(self, input_shape: tuple[int, ...]) -> tuple[nn.Module, ...]:
        """The blocks for inputs of shape [channels, *space].

        Raises
        ------
        InputError
            The backbone cannot read inputs of this shape.
        """

    def check_exits(self, blocks: int) -> None:
        """Refuse more exits than blocks; raises InputError."""
        if self.exits > blocks:
            raise InputError(
                f"backbone: exits: {self.exits} exits need as many blocks, found {blocks}"
            )

    def head_cells(self, space: tuple[int, ...]) -> tuple[int, ...]:
        """Cells per axis to which a head pools features [channels, *space]: all, by default."""
        return space


BACKBONES = Registry("harness.models.backbones", Backbone, helpers=("convolutional",))
