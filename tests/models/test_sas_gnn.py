"""The layer and the recipe of `sas_gnn`."""

import sys

import pytest
import torch

from harness.core.errors import InputError
from harness.models.backbones.sas_gnn import SASGNN, SASLayer
from harness.models.cost import exit_costs
from harness.models.early_exit import build_network
from harness.models.graph import adjacency_of
from harness.models.neighbours import NeighbourSum
from tests.models.conftest import dense


def test_weights_are_antisymmetric_and_symmetric_whatever_is_learned():
    layer = SASLayer(6, 1.0)
    optimizer = torch.optim.SGD(layer.parameters(), lr=0.5)
    for _ in range(3):
        optimizer.zero_grad()
        layer(torch.randn(4, 6)).pow(2).sum().backward()
        optimizer.step()
    assert torch.equal(layer.antisymmetric, -layer.antisymmetric.T)
    assert torch.equal(layer.symmetric, layer.symmetric.T)
    assert layer.antisymmetric.abs().max() > 0


def test_neighbour_sums_and_their_two_derivatives(graph):
    adjacency = adjacency_of(graph)
    states = torch.randn(len(graph.nodes), 4, requires_grad=True)
    summed = NeighbourSum()(states, adjacency)
    torch.testing.assert_close(summed, dense(graph) @ states)
    (first,) = torch.autograd.grad(summed.pow(3).sum(), states, create_graph=True)
    (second,) = torch.autograd.grad(first.pow(2).sum(), states)
    plain = dense(graph) @ states
    (first_plain,) = torch.autograd.grad(plain.pow(3).sum(), states, create_graph=True)
    (second_plain,) = torch.autograd.grad(first_plain.pow(2).sum(), states)
    torch.testing.assert_close(first, first_plain)
    torch.testing.assert_close(second, second_plain)


def test_bfloat16_sums_stay_near_those_of_float32(network, everyone):
    with torch.autocast("cpu", torch.bfloat16):
        found = network(everyone)
    torch.testing.assert_close(found.float(), network(everyone), atol=0.1, rtol=0.1)


def test_macs_of_a_node_by_hand():
    """Two exits after one block each, 5 features, 3 classes; no edge counts."""
    costs = exit_costs(SASGNN(widths=(4, 4), exits=2), (5,), 3)
    lead, layer, head = 5 * 4, 2 * 4 * 4, 4 * 3
    first, second = lead + layer + head, layer + head
    assert costs.macs.tolist() == [first, first + second]
    assert costs.full == lead + 2 * layer + head
    parameters = 2 * 4 * 4 + 4 + 4 * 3 + 3
    assert costs.parameters.tolist() == [5 * 4 + 4 + parameters, 5 * 4 + 4 + 2 * parameters]


def test_a_block_of_another_width_is_led_to_by_a_linear_layer():
    network = build_network(SASGNN(widths=(4, 4, 6), exits=3), (5,), 3)
    assert [len(stage[0]) for stage in network.stages] == [3, 1, 3]
    assert network(torch.randn(2, 5)).shape == (3, 2, 3)


def test_without_torch_geometric_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "torch_geometric", None)
    monkeypatch.setitem(sys.modules, "torch_geometric.nn", None)
    monkeypatch.delitem(sys.modules, "harness.models.neighbours")
    with pytest.raises(InputError, match=r"needs torch_geometric.*pip install 'harness\[graph\]'"):
        exit_costs(SASGNN(), (5,), 3)
