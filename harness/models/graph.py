"""Graph layers: their base class, and the normalised adjacency matrix."""

import warnings

import numpy as np
import torch
from torch import Tensor, nn

from harness.core.types import Graph


class GraphLayer(nn.Module):
    """Base of layers that update node states [V, width] from their neighbours'.

    Attributes
    ----------
    adjacency
        Sparse float32 [V, V], symmetric, as `adjacency_of` gives it; None for nodes without
        neighbours. It is data, and not stored with the weights.
    """

    adjacency: Tensor | None

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("adjacency", None, persistent=False)


def adjacency_of(graph: Graph) -> Tensor:
    """1 / sqrt(d_i d_j) for each edge between nodes of d_i and d_j neighbours: sparse [V, V].

    The normalisation of Kipf and Welling 2017 (arXiv 1609.02907), without self loops.
    """
    source, target = np.ascontiguousarray(graph.edges)
    nodes = len(graph.nodes)
    degree = np.bincount(target, minlength=nodes)
    weights = 1 / np.sqrt(degree[source].astype(np.float64) * degree[target])
    ends = np.concatenate([[0], np.cumsum(degree)])
    starts, columns, values = map(torch.from_numpy, (ends, source, weights.astype(np.float32)))
    with warnings.catch_warnings():
        # Every process would warn its user that torch calls this beta.
        warnings.filterwarnings("ignore", "Sparse CSR tensor support is in beta")
        return torch.sparse_csr_tensor(
            starts, columns, values, size=(nodes, nodes), check_invariants=True
        )
