"""Every regime on the nodes of a small graph."""

import numpy as np
import pytest
import torch

from harness.core.errors import InputError
from harness.core.types import Graph, Part
from harness.models.backbones.sas_gnn import SASGNN
from harness.models.early_exit import build_network
from harness.regimes import REGIMES
from harness.regimes.joint import Joint
from harness.training.device_data import DevicePart
from harness.training.evaluate import exit_logits
from harness.training.model import ExitModel
from harness.training.options import TrainingOptions
from harness.training.seeding import seed_everything
from harness.training.train import train

NODES = 90


@pytest.fixture(scope="module")
def data():
    """Three classes whose nodes are joined in rings; features say little by themselves."""
    labels = np.arange(NODES) % 3
    generator = np.random.default_rng(0)
    nodes = 2 * generator.standard_normal((NODES, 6)).astype(np.float32)
    nodes[np.arange(NODES), labels] += 1
    ring = [(a, (a + step) % NODES) for a in range(NODES) for step in (3, 6, 9, 12)]
    pairs = sorted({(b, a) for pair in ring for a, b in (pair, pair[::-1])})
    edges = np.array(pairs).T[::-1].copy()
    every = np.arange(NODES)
    parts = [
        DevicePart.of(Part(index[:, None].astype(np.float32), labels[index]))
        for index in (every[:45], every[45:])
    ]
    return Graph(nodes, edges), *parts


def trained(data, regime, static_exit=0, neighbours=True, **options):
    graph, part, validation = data
    if not neighbours:
        graph = Graph(graph.nodes, np.empty((2, 0), dtype=np.int64))
    seed_everything(0)
    recipe = SASGNN(widths=(8, 8, 8), exits=3)
    network = build_network(recipe, (6,), 3, static_exit, graph)
    model = ExitModel(network, regime, 3)
    settings = {"epochs": 4, "batch_size": 64, "learning_rate": 0.02, **options}
    return model, train(model, part, validation, TrainingOptions(**settings), 0)


@pytest.mark.parametrize("name", REGIMES.names())
def test_every_regime_trains_nodes_and_does_so_again(data, name):
    regime = REGIMES.get(name)()
    static_exit = regime.static_exits(3)[-1]
    first, again = (trained(data, regime, static_exit)[0] for _ in range(2))
    found = exit_logits(first, data[2])
    assert found.values.shape == (1 if static_exit else 3, 45, 3)
    assert np.isfinite(found.values).all()
    assert np.array_equal(found.values, exit_logits(again, data[2]).values)
    untrained, _ = trained(data, regime, static_exit, learning_rate=1e-7)
    assert all(
        not np.array_equal(value, untrained.weights()[name])
        for name, value in first.weights().items()
        if name.startswith("stages")
    )


def test_neighbours_help_where_features_say_little(data):
    scores = []
    for neighbours in (True, False):
        _, curve = trained(data, Joint(), neighbours=neighbours, epochs=40)
        scores.append(curve.epochs[-1].validation_accuracy[-1])
    assert scores[0] > scores[1] + 0.1


def test_a_limit_and_small_batches_draw_nodes(data):
    _, curve = trained(data, Joint(), limit=20, batch_size=8, epochs=2)
    assert len(curve.epochs) == 2


def test_a_part_is_evaluated_in_one_pass_over_the_graph(data, monkeypatch):
    monkeypatch.setattr("harness.training.evaluate.EVALUATION_BATCH", 10)
    model, _ = trained(data, Joint(), epochs=1)
    passes = []
    model.network.stages[0].register_forward_hook(lambda *_: passes.append(1))
    assert exit_logits(model, data[2]).values.shape[1] == 45
    assert len(passes) == 1


def test_augmentation_would_change_node_indices_and_is_refused(data):
    with pytest.raises(InputError, match=r"augmentation: found noise for a graph.*node indices"):
        trained(data, Joint(), augmentation="noise")


def test_bfloat16_trains(data):
    _, curve = trained(data, Joint(), precision="bfloat16")
    assert torch.isfinite(torch.tensor([epoch.train_loss for epoch in curve.epochs])).all()
