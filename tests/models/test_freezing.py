"""Early exit where nodes that left keep their state, against a loop over single nodes."""

import pytest
import torch

from harness.core.errors import InputError
from harness.models.backbones.sas_gnn import SASGNN
from harness.models.early_exit import build_network
from harness.models.freezing import frozen_inference
from tests.models.conftest import CLASSES, FEATURES, dense


def test_if_nobody_leaves_it_is_plain_inference(network, everyone):
    logits, taken = frozen_inference(network, (float("inf"),) * 2)
    assert taken.tolist() == [2] * len(everyone)
    assert torch.equal(logits, network(everyone)[2])


def test_if_all_leave_at_once_the_predictions_are_those_of_exit_1(network, everyone):
    logits, taken = frozen_inference(network, (0.0, 0.0))
    assert taken.tolist() == [0] * len(everyone)
    assert torch.equal(logits, network(everyone)[0])


def by_single_nodes(network, graph, thresholds):
    """Node by node, block by block, with the states of the moment."""
    adjacency = dense(graph)
    states = list(torch.from_numpy(graph.nodes))
    logits_taken, taken = [None] * len(states), [len(network.heads) - 1] * len(states)
    gone = set()
    for index, (stage, head) in enumerate(zip(network.stages, network.heads, strict=True)):
        for block in stage:
            *lead, layer = block
            if lead:
                states = [torch.relu(lead[0](state)) for state in states]
            before = list(states)
            for node in set(range(len(states))) - gone:
                around = sum(adjacency[node, j] * before[j] for j in range(len(states)))
                change = layer.antisymmetric @ before[node] + layer.symmetric @ around
                states[node] = before[node] + torch.tanh(change + layer.bias)
        for node in set(range(len(states))) - gone:
            logits_taken[node] = head(states[node][None])[0]
            confidence = logits_taken[node].softmax(-1).max()
            if index < len(network.heads) - 1 and confidence >= thresholds[index]:
                taken[node] = index
                gone.add(node)
    return torch.stack(logits_taken), taken


def test_nodes_that_left_keep_their_state_and_are_read(network, graph, everyone):
    confidence = network(everyone).softmax(-1).amax(-1)
    thresholds = confidence[0].median().item(), confidence[1].median().item()
    logits, taken = frozen_inference(network, thresholds)
    expected, expected_taken = by_single_nodes(network, graph, thresholds)
    assert taken.tolist() == expected_taken
    assert set(expected_taken) == {0, 1, 2}
    torch.testing.assert_close(logits, expected)
    late = taken == 2
    assert not torch.allclose(logits[late], network(everyone)[2, late])


def test_blocks_of_two_widths_cannot_be_frozen(graph):
    network = build_network(SASGNN(widths=(4, 6), exits=2), (FEATURES,), CLASSES, graph=graph)
    confidence = network(torch.arange(12.0)[:, None])[0].softmax(-1).amax(-1)
    with pytest.raises(InputError, match="needs blocks of one width, found 4 and 6"):
        frozen_inference(network, (confidence.median().item(),))


def test_there_is_a_threshold_for_every_exit_but_the_last(network):
    with pytest.raises(InputError, match="thresholds: 2 for 3 exits, found 1"):
        frozen_inference(network, (0.5,))
