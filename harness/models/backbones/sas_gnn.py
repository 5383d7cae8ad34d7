"""SAS-GNN: symmetric-antisymmetric message passing over a graph, with exits for every node."""

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import Annotated, ClassVar

import torch
from torch import Tensor, nn
from torch.nn import functional

from harness.core.errors import InputError
from harness.core.parameters import bounded
from harness.models.backbones import Backbone, Widths
from harness.models.graph import GraphLayer


@dataclass(frozen=True)
class SASGNN(Backbone):
    """SAS-GNN (Di Francesco et al. 2025, arXiv 2505.18088), the backbone of early-exit GNNs.

    A block is one `SASLayer`; a linear layer and ReLU lead to the first, and to others where the
    width changes. The authors use one layer's weights at all depths; here each block has its own,
    so that regimes can train stages separately. The authors' gates learn when a node stops; here
    exit policies decide it.

    Cost of an exit: MACs per node of stages and heads 1..e, as in inference on a whole scene where
    a node that left keeps its state and its neighbours go on reading it. Such a node costs nothing
    more, since a layer sums neighbours before it multiplies. The sums, one multiply-add per
    neighbour and channel, are not matrix products and are not counted.

    Predictions of an exit: stored logits come from a pass in which all nodes are updated to the
    end. Where neighbours left and froze, deeper exits may predict otherwise:
    `harness.models.freezing` runs inference so, and `benchmarks/graph_freezing.py` measures the
    difference.
    """

    example_shape: ClassVar[tuple[int, ...]] = (200,)
    reads_graph: ClassVar[bool] = True

    widths: Widths = (64, 64, 64)
    step: Annotated[float, bounded(0.001, 1, "step size of a layer's update of a node's state")] = (
        1.0
    )

    def __post_init__(self) -> None:
        """Refuse more exits than widths before any network is built; raises InputError."""
        self.check_exits(len(self.widths))

    def blocks(self, input_shape: tuple[int, ...]) -> tuple[nn.Module, ...]:
        """Blocks for nodes [features]; also raises InputError where torch_geometric is missing."""
        if len(input_shape) != 1:
            raise InputError(
                f"backbone sas_gnn reads nodes [features] of a graph, found {list(input_shape)}"
            )
        blocks = []
        for index, (narrow, wide) in enumerate(pairwise((*input_shape, *self.widths))):
            layers: list[nn.Module] = [SASLayer(wide, self.step)]
            if index == 0 or narrow != wide:
                layers = [nn.Linear(narrow, wide), nn.ReLU(), *layers]
            blocks.append(nn.Sequential(*layers))
        return tuple(blocks)


class SASLayer(GraphLayer):
    """x_i + step * act(W_as x_i + W_s sum_j a_ij x_j + b), a_ij = 1 / sqrt(d_i d_j).

    W_as is antisymmetric, which keeps the states from growing or fading with depth; W_s is
    symmetric, which makes the coupling of neighbours the gradient of an energy. Both hold by
    construction: they are the two parts of unconstrained square matrices. act is tanh (ReLU after
    it, as in some versions of SAS-GNN, was less accurate here: see docs/log.md).

    Parameters
    ----------
    width
        Channels of a state.

    Raises
    ------
    InputError
        torch_geometric is missing.
    """

    def __init__(self, width: int, step: float) -> None:
        super().__init__()
        try:
            from harness.models.neighbours import NeighbourSum
        except ModuleNotFoundError as error:
            raise InputError(
                f"backbone sas_gnn needs {error.name}: pip install 'harness[graph]'"
            ) from None
        bound = 1 / math.sqrt(width)
        self.step = step
        self.neighbours = NeighbourSum()
        self.own = nn.Parameter(torch.empty(width, width).uniform_(-bound, bound))
        self.others = nn.Parameter(torch.empty(width, width).uniform_(-bound, bound))
        self.bias = nn.Parameter(torch.zeros(width))

    @property
    def antisymmetric(self) -> Tensor:
        """W_as: [width, width]."""
        return self.own - self.own.T

    @property
    def symmetric(self) -> Tensor:
        """W_s: [width, width]."""
        return self.others + self.others.T

    def forward(self, states: Tensor) -> Tensor:
        """States [V, width] after the layer, of states [V, width] before it."""
        if self.adjacency is None:
            around = torch.zeros_like(states)
        else:
            around = self.neighbours(states, self.adjacency)
        change = functional.linear(states, self.antisymmetric, self.bias)
        change = change + functional.linear(around, self.symmetric)
        return states + self.step * torch.tanh(change)
