"""Networks over the nodes of a graph."""

import numpy as np
import pytest
import torch

from harness.core.types import Graph
from harness.models.backbones.sas_gnn import SASGNN
from harness.models.early_exit import NodeExitNet, build_network
from harness.models.graph import adjacency_of
from tests.models.conftest import CLASSES, FEATURES, WIDTH, dense


def test_the_adjacency_is_normalised_by_both_degrees(graph):
    found = adjacency_of(graph).to_dense()
    torch.testing.assert_close(found, dense(graph))
    assert torch.equal(found, found.T)
    assert (found[-1] == 0).all()


def test_all_states_are_those_of_the_formula(network, graph, everyone):
    states, adjacency, expected = torch.from_numpy(graph.nodes), dense(graph), []
    for stage, head in zip(network.stages, network.heads, strict=True):
        for block in stage:
            *lead, layer = block
            if lead:
                states = torch.relu(lead[0](states))
            own, others = layer.own - layer.own.T, layer.others + layer.others.T
            change = states @ own.T + adjacency @ states @ others.T + layer.bias
            states = states + torch.tanh(change)
        expected.append(states @ head.classify[-1].weight.T + head.classify[-1].bias)
    torch.testing.assert_close(network(everyone), torch.stack(expected))


def test_logits_are_of_the_nodes_asked_and_of_no_others(network, everyone):
    every = network(everyone)
    asked = torch.tensor([7, 2, 7])
    head_sizes = []
    for head in network.heads:
        head.register_forward_hook(lambda _, given, __: head_sizes.append(len(given[0])))
    found = network(asked[:, None].float())
    assert found.shape == (3, 3, CLASSES)
    torch.testing.assert_close(found, every[:, asked])
    assert head_sizes == [3, 3, 3]


def test_renumbering_the_nodes_renumbers_the_predictions(network, graph, everyone):
    order = np.random.default_rng(0).permutation(len(graph.nodes))
    new_index = np.argsort(order)
    moved = new_index[graph.edges]
    moved = moved[:, np.lexsort(moved)]
    recipe = SASGNN(widths=(WIDTH,) * 6, exits=3)
    other = build_network(
        recipe, (FEATURES,), CLASSES, graph=Graph(graph.nodes[order].copy(), moved)
    )
    other.load_state_dict(network.state_dict())
    torch.testing.assert_close(other(everyone), network(everyone)[:, order])


def test_a_node_without_neighbours_is_predicted_as_if_alone(network, graph, everyone):
    alone = build_network(SASGNN(widths=(WIDTH,) * 6, exits=3), (FEATURES,), CLASSES)
    alone.load_state_dict(network.state_dict())
    node = torch.from_numpy(graph.nodes[-1:])
    torch.testing.assert_close(alone(node), network(everyone)[:, -1:])
    first = int(graph.edges[1, 0])
    beside = torch.from_numpy(graph.nodes[[first]])
    assert not torch.allclose(alone(beside), network(everyone)[:, [first]])


def test_the_graph_is_in_no_weights(network):
    alone = build_network(SASGNN(widths=(WIDTH,) * 6, exits=3), (FEATURES,), CLASSES)
    assert isinstance(network, NodeExitNet)
    assert network.state_dict().keys() == alone.state_dict().keys()


@pytest.mark.parametrize("static_exit", [1, 3])
def test_static_networks_read_the_graph_too(graph, everyone, static_exit):
    recipe = SASGNN(widths=(WIDTH,) * 3, exits=3)
    static = build_network(recipe, (FEATURES,), CLASSES, static_exit, graph)
    before = static(everyone)
    static.nodes[int(graph.edges[0, 0])] += 1
    changed = (static(everyone) != before).any(-1)[0]
    assert before.shape == (1, len(graph.nodes), CLASSES)
    assert changed[int(graph.edges[1, 0])]
    assert not changed[-1]
