"""Message passing: sums over the neighbours of every node, by torch_geometric."""

from typing import Protocol

import torch
from torch import Tensor
from torch_geometric.nn import MessagePassing


class NeighbourSum(MessagePassing):  # type: ignore[misc]
    """sum_j a_ij x_j over the neighbours j of each node i, for a symmetric adjacency a.

    Message and aggregation are one sparse product: several times as fast as a message per edge.
    """

    def __init__(self) -> None:
        super().__init__(aggr="sum")

    def forward(self, states: Tensor, adjacency: Tensor) -> Tensor:
        """Sums [V, width] of states [V, width]; `adjacency` is sparse [V, V]."""
        summed: Tensor = self.propagate(adjacency, x=states)
        return summed

    def message_and_aggregate(self, edge_index: Tensor, x: Tensor) -> Tensor:
        """The sparse product that torch_geometric calls with adjacency and states."""
        summed: Tensor = _SymmetricProduct.apply(edge_index, x)  # type: ignore[no-untyped-call]
        return summed


class _SymmetricProduct(torch.autograd.Function):
    """A x for a symmetric sparse A; backward multiplies by A again, where torch would transpose."""

    @staticmethod
    def forward(adjacency: Tensor, states: Tensor) -> Tensor:
        # Sparse products support float32 only, whatever the precision around them.
        with torch.autocast(states.device.type, enabled=False):
            return (adjacency @ states.float()).to(states.dtype)

    @staticmethod
    def setup_context(ctx: "_Adjacency", inputs: tuple[Tensor, Tensor], output: Tensor) -> None:
        del output
        ctx.adjacency = inputs[0]

    @staticmethod
    def backward(ctx: "_Adjacency", gradient: Tensor) -> tuple[None, Tensor]:
        return None, _SymmetricProduct.apply(ctx.adjacency, gradient)  # type: ignore[no-untyped-call]


class _Adjacency(Protocol):
    adjacency: Tensor
