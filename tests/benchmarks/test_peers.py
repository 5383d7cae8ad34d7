"""The peers train what harness trains: the same network, loss and thresholds."""

import numpy as np
import optuna
import pytest
import torch
from torch.nn import functional
from torch.utils.data import TensorDataset

from benchmarks.peers.network import EarlyExitCNN
from benchmarks.peers.plain_optuna import search
from benchmarks.peers.research_script import (
    LEVELS,
    accuracies,
    early_exit,
    outputs,
    sweep,
    train_network,
)
from benchmarks.trials_per_hour import pace
from harness.frontier.thresholds import threshold_table
from harness.models.backbones.image_cnn import ImageCNN
from harness.models.backbones.spectral_cnn import SpectralCNN
from harness.models.early_exit import build_network
from harness.policies.routing import route
from harness.regimes.joint import Joint

WIDTHS = (8, 16, 32)
CASES = {
    "spectra": (SpectralCNN(widths=WIDTHS), (1, 200), 16),
    "images": (ImageCNN(widths=WIDTHS), (1, 28, 28), 10),
}


@pytest.mark.parametrize("case", CASES)
def test_a_peers_network_is_that_of_harness(case):
    backbone, shape, classes = CASES[case]
    torch.manual_seed(3)
    peer = EarlyExitCNN(shape, classes, WIDTHS)
    torch.manual_seed(3)
    own = build_network(backbone, shape, classes)
    assert sum(p.numel() for p in peer.parameters()) == sum(p.numel() for p in own.parameters())
    inputs, labels = torch.randn(32, *shape), torch.randint(classes, (32,))
    logits = peer(inputs)
    assert torch.equal(torch.stack(logits), own(inputs))
    loss = sum(functional.cross_entropy(each, labels) for each in logits)
    assert torch.allclose(loss, Joint().loss(own(inputs), labels, 0.0), rtol=1e-6)


def parts(samples=96):
    generator = torch.Generator().manual_seed(0)
    labels = torch.arange(samples) % 3
    inputs = torch.randn(samples, 1, 200, generator=generator) + 2 * labels[:, None, None]
    part = TensorDataset(inputs, labels)
    return dict.fromkeys(("train", "validation", "test"), part)


def test_the_research_script_learns():
    data = parts(), (1, 200), 3
    torch.manual_seed(0)
    before = accuracies(EarlyExitCNN((1, 200), 3, WIDTHS), [data[0]["train"][:]], 3)
    model = train_network(data, WIDTHS, 0.01, epochs=20, batch=32)
    after = accuracies(model, [data[0]["train"][:]], 3)
    assert min(after) > 0.9 > max(before)
    _, correct = outputs(model, data[0]["test"])
    assert np.allclose(correct.mean(1), after)


def test_thresholds_one_by_one_agree_with_the_table():
    generator = np.random.default_rng(0)
    confidence = generator.random((3, 50))
    correct = generator.random((3, 50)) < 0.7
    costs = np.array([1.0, 2.0, 4.0])
    table = threshold_table(confidence, correct, costs, np.stack([LEVELS, LEVELS]))
    accuracy, cost = np.array(sweep(confidence, correct, costs)).T
    assert np.allclose(accuracy, table.accuracy.ravel())
    assert np.allclose(cost, table.cost.ravel())
    taken = route(confidence, np.array([0.4, 0.6]))
    expected = correct[taken, np.arange(50)].mean(), costs[taken].mean()
    assert early_exit(confidence, correct, costs, [0.4, 0.6]) == pytest.approx(expected)


@pytest.mark.parametrize("jobs", [1, 2])
def test_plain_optuna_searches_thresholds_with_each_training(jobs):
    trained = []

    def train(trial):
        trained.append(trial.suggest_float("rate", 0.0, 1.0))
        return lambda thresholds: (sum(thresholds), trained[-1])

    study = optuna.create_study(directions=["maximize", "minimize"])
    search(train, study, 4, jobs)
    assert len(trained) == 4
    for trial in study.get_trials():
        assert {"threshold_1", "threshold_2", "rate"} == set(trial.params)
        both = trial.params["threshold_1"] + trial.params["threshold_2"]
        assert trial.values[0] == pytest.approx(both)


def test_the_pace_leaves_out_start_up():
    assert pace([10.0, 12.0, 14.0], workers=1) == 2.0
    assert pace([14.0, 10.0, 11.0, 13.0], workers=2) == 1.5
    assert np.isnan(pace([10.0], workers=1))
