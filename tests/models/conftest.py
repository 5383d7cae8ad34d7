"""A small random graph and networks over it."""

import numpy as np
import pytest
import torch

from harness.core.types import Graph
from harness.models.backbones.sas_gnn import SASGNN
from harness.models.early_exit import build_network

NODES, FEATURES, WIDTH, CLASSES = 12, 5, 8, 3


def dense(graph):
    """a_ij = 1 / sqrt(d_i d_j) where there is an edge, as a full matrix."""
    edges = np.zeros((len(graph.nodes),) * 2)
    edges[tuple(graph.edges)] = 1
    degree = np.maximum(edges.sum(0), 1)
    return torch.from_numpy(edges / np.sqrt(np.outer(degree, degree))).float()


def graph_of(adjacent, nodes):
    """A graph of a symmetric boolean matrix."""
    target, source = np.nonzero(adjacent)
    return Graph(nodes, np.stack([source, target]))


@pytest.fixture
def graph():
    """Random edges; the last node has none."""
    generator = np.random.default_rng(3)
    upper = np.triu(generator.random((NODES, NODES)) < 0.3, 1)
    upper[:, -1] = False
    nodes = generator.standard_normal((NODES, FEATURES)).astype(np.float32)
    return graph_of(upper | upper.T, nodes)


@pytest.fixture
def network(graph):
    """Three exits after two blocks each."""
    torch.manual_seed(0)
    recipe = SASGNN(widths=(WIDTH,) * 6, exits=3)
    return build_network(recipe, (FEATURES,), CLASSES, graph=graph).requires_grad_(False)


@pytest.fixture
def everyone():
    """Inputs that ask for every node, in order."""
    return torch.arange(NODES, dtype=torch.float32)[:, None]
