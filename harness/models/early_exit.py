"""The early-exit network: stages in a row, a head that answers after each."""

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import Protocol

import numpy as np
import torch
from torch import Tensor, nn

from harness.core.errors import InputError
from harness.core.types import Graph
from harness.models.backbones import Backbone
from harness.models.graph import GraphLayer, adjacency_of

POOLS = {0: nn.Identity, 1: nn.AdaptiveAvgPool1d, 2: nn.AdaptiveAvgPool2d}


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
        states = self.enter(inputs)
        for number, (stage, head) in enumerate(zip(self.stages, self.heads, strict=True), 1):
            features = states = stage(states)
            if number <= len(scales):
                features, states = (scale_gradient(states, s) for s in scales[number - 1])
            if number in wanted:
                logits.append(head(self.seen(features, inputs)))
            if number == wanted[-1]:
                break
        return torch.stack(logits)

    def enter(self, inputs: Tensor) -> Tensor:
        """What the first stage reads: the inputs themselves."""
        return inputs

    def seen(self, features: Tensor, inputs: Tensor) -> Tensor:
        """What a head reads of a stage's features: all of them."""
        del inputs
        return features


class NodeExitNet(EarlyExitNet):
    """The exits of the nodes of one graph.

    Its inputs [N, 1] are node indices. Whichever are asked for, the stages give all nodes their
    state, as neighbours read each other; heads answer for the nodes asked.

    Parameters
    ----------
    graph
        What the stages read. It is data: kept with no weights, and on the network's device.
    """

    nodes: Tensor

    def __init__(
        self, stages: Sequence[nn.Module], heads: Sequence[nn.Module], graph: Graph
    ) -> None:
        super().__init__(stages, heads)
        self.register_buffer("nodes", torch.from_numpy(graph.nodes), persistent=False)
        adjacency = adjacency_of(graph)
        for module in self.stages.modules():
            if isinstance(module, GraphLayer):
                module.adjacency = adjacency

    def enter(self, inputs: Tensor) -> Tensor:
        """All nodes: [V, C]."""
        del inputs
        return self.nodes

    def seen(self, features: Tensor, inputs: Tensor) -> Tensor:
        """The states of the nodes asked for: [N, width] of [V, width]."""
        return features.index_select(0, inputs[:, 0].long())


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
    """Average pool to the backbone's cells, an optional hidden layer, and a linear layer."""

    def __init__(self, channels: int, space: Sequence[int], recipe: Backbone, width: int) -> None:
        super().__init__()
        cells = recipe.head_cells(tuple(space))
        self.pool = POOLS[len(space)](cells)
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
    backbone: Backbone,
    input_shape: Sequence[int],
    width: int,
    static_exit: int = 0,
    graph: Graph | None = None,
) -> EarlyExitNet:
    """Build an early-exit network, or one of its static counterparts.

    Parameters
    ----------
    input_shape
        [channels, *space] of one sample, [C] of a node.
    width
        K: how many numbers each exit gives per sample.
    static_exit
        0 for the early-exit network; e > 0 for the network of one exit that is stages 1..e and
        head e alone.
    graph
        The graph that the samples are nodes of. Without one, a backbone that reads graphs takes
        every sample for a node without neighbours.

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
    return EarlyExitNet(stages, heads) if graph is None else NodeExitNet(stages, heads, graph)


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
