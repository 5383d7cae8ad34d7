import math

import pytest
import torch
from torch import nn

from harness.regimes.joint import Joint
from harness.regimes.learned_gate import LearnedGate, features


def batch(exits=3, samples=8, classes=4, seed=0):
    generator = torch.Generator().manual_seed(seed)
    logits = 2 * torch.randn(exits, samples, classes, generator=generator)
    return logits.requires_grad_(), torch.randint(0, classes, (samples,), generator=generator)


def test_features_by_hand():
    outputs = torch.log(torch.tensor([[[0.25] * 4], [[0.5, 0.5, 1e-30, 1e-30]]]))
    expected = torch.tensor([0.25, 0.0, 1.0, 0.5, 0.0, 0.5])  # two of four classes: one bit of two
    torch.testing.assert_close(features(outputs)[0, :, 0], expected, atol=1e-6, rtol=0)


def test_features_of_a_certain_exit_are_finite():
    confident = torch.tensor([[[1000.0, 0.0, 0.0]]])
    assert features(confident).flatten().tolist() == [1.0, 1.0, 0.0]


def test_a_gate_reads_its_own_exit_alone():
    regime = LearnedGate()
    torch.manual_seed(0)
    auxiliary = regime.auxiliary(3)
    outputs = batch()[0].detach()
    changed = outputs.clone()
    changed[1] = 5 * torch.randn(8, 4)
    before, after = regime.gates(outputs, auxiliary), regime.gates(changed, auxiliary)
    assert before.shape == (3, 8)
    assert torch.equal(before[[0, 2]], after[[0, 2]])
    assert not torch.isclose(before[1], after[1]).any()


def test_a_gate_by_hand():
    auxiliary = LearnedGate(hidden=1).auxiliary(2)
    for parameter in auxiliary.parameters():
        nn.init.zeros_(parameter)
    first, _, last, _ = auxiliary
    with torch.no_grad():
        first.weight[1, 0] = 2.0  # the second exit's hidden unit: twice its largest probability
        last.weight[1, 0] = 3.0
        last.bias[1] = -1.0
    outputs = torch.log(torch.tensor([[[0.9, 0.1]], [[0.75, 0.25]]]))
    gates = LearnedGate(hidden=1).gates(outputs, auxiliary)
    expected = 1 / (1 + math.exp(-(3 * 2 * 0.75 - 1)))
    torch.testing.assert_close(gates, torch.tensor([[0.5], [expected]]))


def test_the_gates_loss_is_their_cross_entropy():
    regime = LearnedGate(hidden=1)
    auxiliary = regime.auxiliary(2)
    for parameter in auxiliary.parameters():
        nn.init.zeros_(parameter)
    with torch.no_grad():
        auxiliary[2].bias.copy_(torch.tensor([math.log(3), math.log(0.25)]))  # 3/4 and 1/5
    logits = torch.tensor([[[1.0, 0.0], [1.0, 0.0]], [[0.0, 1.0], [0.0, 1.0]]])
    labels = torch.tensor([0, 1])  # each exit is correct on one of the two samples
    found = regime.loss(logits, labels, 0.0, auxiliary) - Joint().loss(logits, labels, 0.0)
    expected = -math.log(3 / 4 * 1 / 4 * 1 / 5 * 4 / 5) / 4
    assert found.item() == pytest.approx(expected, rel=1e-5)


def test_gates_learn_and_the_network_does_not_notice():
    regime = LearnedGate(label_smoothing=0.1)
    auxiliary = regime.auxiliary(3)
    logits, labels = batch()
    regime.loss(logits, labels, 0.0, auxiliary).backward()
    (plain,) = torch.autograd.grad(Joint(label_smoothing=0.1).loss(logits, labels, 0.0), logits)
    assert torch.equal(logits.grad, plain)
    assert all(parameter.grad.abs().max() > 0 for parameter in auxiliary.parameters())


def test_there_are_no_gates_without_gate_heads():
    assert LearnedGate().gates(batch()[0], None) is None
