"""The early-exit network: consecutive stages, each followed by an exit head."""

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

_POOLS = {1: nn.AvgPool1d, 2: nn.AvgPool2d}


class EarlyExitNet(nn.Module):
    """An early-exit network: stages 1..E with a head after each, all computed in one pass.

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
            For each exit but the last, the factors that scale the gradients of its head and of the
            next stage; empty does not scale.
        """
        wanted = exits or range(1, len(self.heads) + 1)
        logits = []
        states = self.stage_inputs(inputs)
        for number, (stage, head) in enumerate(zip(self.stages, self.heads, strict=True), 1):
            features = states = stage(states)
            if number <= len(scales):
                features, states = (scale_gradient(states, s) for s in scales[number - 1])
            if number in wanted:
                logits.append(head(self.head_inputs(features, inputs)))
            if number == wanted[-1]:
                break
        return torch.stack(logits)

    def stage_inputs(self, inputs: Tensor) -> Tensor:
        """Inputs of the first stage: those of the network."""
        return inputs

    def head_inputs(self, features: Tensor, inputs: Tensor) -> Tensor:
        """Inputs of a head, from the features of its stage: all of them."""
        del inputs
        return features


class NodeExitNet(EarlyExitNet):
    """An early-exit network whose samples are the nodes of one graph.

    Its inputs [N, 1] are node indices. The stages compute the states of all nodes, since neighbours
    read each other; heads predict for the given nodes only.

    Parameters
    ----------
    graph
        Graph that the stages read. It is data: not stored with the weights, on the network's
        device.
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

    def stage_inputs(self, inputs: Tensor) -> Tensor:
        """All nodes: [V, C]."""
        del inputs
        return self.nodes

    def head_inputs(self, features: Tensor, inputs: Tensor) -> Tensor:
        """The states of the given nodes: [N, width] of [V, width]."""
        return features.index_select(0, inputs[:, 0].long())


def scale_gradient(inputs: Tensor, factor: float) -> Tensor:
    """Identity forward; backward, the gradient times `factor`."""
    scaled: Tensor = _ScaleGradient.apply(inputs, factor)  # type: ignore[no-untyped-call]
    return scaled


class _ScaleGradient(torch.autograd.Function):
    # Torch makes the rule by which `torch.func.vmap` maps it over the networks of a stack.
    generate_vmap_rule = True

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
    """An exit head: average pooling to the backbone's cells, hidden layer or none, linear layer."""

    def __init__(self, channels: int, space: Sequence[int], backbone: Backbone, width: int) -> None:
        super().__init__()
        cells = backbone.head_cells(tuple(space))
        self.pool = average_pool(space, cells)
        inputs = channels * math.prod(cells)
        widths = [inputs, backbone.head, width] if backbone.head else [inputs, width]
        layers: list[nn.Module] = []
        for narrow, wide in pairwise(widths):
            layers += [nn.ReLU(), nn.Linear(narrow, wide)]
        self.classify = nn.Sequential(*layers[1:])

    def forward(self, features: Tensor) -> Tensor:
        """Logits [N, K] of features [N, channels, *space]."""
        logits: Tensor = self.classify(self.pool(features).flatten(1))
        return logits


def average_pool(space: Sequence[int], cells: Sequence[int]) -> nn.Module:
    """The average pool of features [N, channels, *space] to [N, channels, *cells].

    Its windows are of equal size and evenly spaced, and overlap where the cells do not divide the
    space. (Torch's adaptive pool has no deterministic gradient on CUDA.)

    Parameters
    ----------
    cells
        Per axis, from 1 to the space's.
    """
    stride = [size // cell for size, cell in zip(space, cells, strict=True)]
    kernel = [s - (c - 1) * step for s, c, step in zip(space, cells, stride, strict=True)]
    return _POOLS[len(space)](kernel, stride) if space else nn.Identity()


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
        K: outputs of each exit per sample.
    static_exit
        0 for the early-exit network; e > 0 for the network of one exit that is stages 1..e and
        head e alone.
    graph
        The graph whose nodes are the samples. Without one, a backbone that reads graphs takes
        every sample for an isolated node.

    Raises
    ------
    InputError
        There is no such exit, there are fewer blocks than exits, the backbone cannot read the
        inputs, or features have a single value
        per group of channels, which cannot be normalised.
    """
    if not 0 <= static_exit <= backbone.exits:
        raise InputError(f"static_exit: from 0 to {backbone.exits}, found {static_exit}")
    blocks = backbone.blocks(tuple(input_shape))
    backbone.check_exits(len(blocks))
    groups = np.array_split(np.arange(len(blocks)), backbone.exits)
    stages = [nn.Sequential(*(blocks[i] for i in group)) for group in groups]
    if static_exit:
        stages = [nn.Sequential(*stages[:static_exit])]
    heads = [Head(shape[0], shape[1:], backbone, width) for shape in _shapes(stages, input_shape)]
    return EarlyExitNet(stages, heads) if graph is None else NodeExitNet(stages, heads, graph)


def _shapes(stages: Sequence[nn.Module], input_shape: Sequence[int]) -> list[torch.Size]:
    """Shape of each stage's features of one sample.

    Probed in evaluation mode: in training a sample of zeros would enter running statistics.
    """
    shapes, features = [], torch.zeros(1, *input_shape)
    with torch.no_grad():
        for stage in stages:
            try:
                features = stage.eval()(features)
            except ValueError as error:
                raise InputError(
                    f"backbone: inputs {list(input_shape)} are too small for this many blocks or "
                    f"this few channels ({error})"
                ) from None
            stage.train()
            shapes.append(features.shape[1:])
    return shapes
