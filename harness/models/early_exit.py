"""The early-exit network: stages in a row, a head that answers after each."""

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import Protocol

import numpy as np
import torch
from torch import Tensor, nn

from harness.core.errors import InputError
from harness.models import Backbone

POOLS = {1: nn.AdaptiveAvgPool1d, 2: nn.AdaptiveAvgPool2d}


class EarlyExitNet(nn.Module):
    """Stages 1..E with a head after each; exits are computed in one pass.

    Parameters
    ----------
    stages, heads
        Modules of equal number: head e reads what stage e gives.
    """

    def __init__(self, stages: Sequence[nn.Module], heads: Sequence[nn.Module]) -> None:
        super().__init__()
        self.stages = nn.ModuleList(stages)
        self.heads = nn.ModuleList(heads)

    def forward(
        self,
        inputs: Tensor,
        exits: Sequence[int] = (),
        scales: Sequence[tuple[float, float]] = (),
    ) -> Tensor:
        """Logits [E, N, K] of inputs [N, channels, *space].

        Parameters
        ----------
        exits
            Rising exit numbers (from 1) to compute, with only the stages that they need; all exits
            when empty. E of the result is then their number.
        scales
            For each exit but the last, the factors of the gradients that its head and the next
            stage send back; empty leaves them as they are.
        """
        wanted = exits or range(1, len(self.heads) + 1)
        logits = []
        for number, (stage, head) in enumerate(zip(self.stages, self.heads, strict=True), 1):
            features = inputs = stage(inputs)
            if number <= len(scales):
                features, inputs = (scale_gradient(inputs, s) for s in scales[number - 1])
            if number in wanted:
                logits.append(head(features))
            if number == wanted[-1]:
                break
        return torch.stack(logits)


def scale_gradient(inputs: Tensor, factor: float) -> Tensor:
    """The inputs as they are; backward, their gradient times `factor`."""
    scaled: Tensor = _ScaleGradient.apply(inputs, factor)  # type: ignore[no-untyped-call]
    return scaled


class _ScaleGradient(torch.autograd.Function):
    @staticmethod
    def forward(inputs: Tensor, factor: float) -> Tensor:
        del factor
        return inputs.view_as(inputs)

    @staticmethod
    def setup_context(ctx: "_Factor", inputs: tuple[Tensor, float], output: Tensor) -> None:
        del output
        ctx.factor = inputs[1]

    @staticmethod
    def backward(ctx: "_Factor", gradient: Tensor) -> tuple[Tensor, None]:
        return gradient * ctx.factor, None


class _Factor(Protocol):
    factor: float


class Head(nn.Module):
    """Average pool to a few cells, an optional hidden layer, and a linear layer."""

    def __init__(self, channels: int, space: Sequence[int], recipe: Backbone, width: int) -> None:
        super().__init__()
        cells = [min(recipe.pool, size) for size in space]
        self.pool = POOLS[len(space)](tuple(cells))
        inputs = channels * math.prod(cells)
        widths = [inputs, recipe.head, width] if recipe.head else [inputs, width]
        layers: list[nn.Module] = []
        for narrow, wide in pairwise(widths):
            layers += [nn.ReLU(), nn.Linear(narrow, wide)]
        self.classify = nn.Sequential(*layers[1:])

    def forward(self, features: Tensor) -> Tensor:
        """Logits [N, K] of features [N, channels, *space]."""
        logits: Tensor = self.classify(self.pool(features).flatten(1))
        return logits


def build_network(
    backbone: Backbone, input_shape: Sequence[int], width: int, static_exit: int = 0
) -> EarlyExitNet:
    """Build an early-exit network, or one of its static counterparts.

    Parameters
    ----------
    input_shape
        [channels, *space] of one sample.
    width
        K: how many numbers each exit gives per sample.
    static_exit
        0 for the early-exit network; e > 0 for the network of one exit that is stages 1..e and
        head e alone.

    Raises
    ------
    InputError
        There are more exits than blocks, no such exit, inputs the backbone cannot read, or blocks
        that shrink them to a single value per group of channels, which cannot be normalised.
    """
    if backbone.exits > len(backbone.widths):
        raise InputError(
            f"backbone: exits: {backbone.exits} exits need as many blocks, "
            f"found widths {list(backbone.widths)}"
        )
    if not 0 <= static_exit <= backbone.exits:
        raise InputError(f"static_exit: from 0 to {backbone.exits}, found {static_exit}")
    blocks = backbone.blocks(tuple(input_shape))
    groups = np.array_split(np.arange(len(blocks)), backbone.exits)
    stages = [nn.Sequential(*(blocks[i] for i in group)) for group in groups]
    if static_exit:
        stages = [nn.Sequential(*stages[:static_exit])]
    heads = [Head(shape[0], shape[1:], backbone, width) for shape in _shapes(stages, input_shape)]
    return EarlyExitNet(stages, heads)


def _shapes(stages: Sequence[nn.Module], input_shape: Sequence[int]) -> list[torch.Size]:
    """Shape of the features that each stage gives for one sample."""
    shapes, features = [], torch.zeros(1, *input_shape)
    with torch.no_grad():
        for stage in stages:
            try:
                features = stage(features)
            except ValueError as error:
                raise InputError(
                    f"backbone: inputs {list(input_shape)} are too small for so many blocks or so "
                    f"few channels ({error})"
                ) from None
            shapes.append(features.shape[1:])
    return shapes
