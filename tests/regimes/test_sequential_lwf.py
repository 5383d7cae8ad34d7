import math

import pytest
import torch

from harness.models.backbones.image_cnn import ImageCNN
from harness.models.early_exit import build_network
from harness.regimes import Phase
from harness.regimes.sequential import Sequential
from harness.regimes.sequential_lwf import SequentialLwF, forgotten
from tests.regimes.sequences import assert_equal_weights, forgetting, start_of, trained

SECOND = Phase(0.5, (1, 2), (1, 2))


@pytest.fixture
def batch():
    torch.manual_seed(0)
    network = build_network(ImageCNN(widths=(4, 4), exits=2, pool=1), (1, 8, 8), 3)
    return network, torch.randn(6, 1, 8, 8), torch.tensor([0, 1, 2, 0, 1, 2])


def test_what_is_forgotten_by_hand():
    # One sample was (3, 1) / 4 and is (1, 1) / 2, the other is what it was: the mean is half.
    old = torch.tensor([[[math.log(3), 0.0], [1.0, 2.0]]])
    new = torch.tensor([[[5.0, 5.0], [2.0, 3.0]]])
    expected = 0.75 * math.log(1.5) + 0.25 * math.log(0.5)
    assert forgotten(old, new).item() == pytest.approx(expected / 2)
    twice = forgotten(old.repeat(2, 1, 1), new.repeat(2, 1, 1))  # exits add up
    assert twice.item() == pytest.approx(expected)


def test_the_penalty_is_strength_times_what_the_earlier_exits_forgot(batch):
    network, inputs, labels = batch
    penalty = SequentialLwF(strength=3.0).penalty(start_of(network, SECOND, inputs, labels))
    before = network(inputs).detach()
    assert penalty(inputs, before).item() == pytest.approx(0, abs=1e-6)
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.add_(0.5 * torch.randn_like(parameter))
    logits = network(inputs)
    # The copy did not move with the network.
    expected = 3 * forgotten(before[:1], logits[:1])
    assert expected > 0.001
    torch.testing.assert_close(penalty(inputs, logits), expected)
    gradients = torch.autograd.grad(
        penalty(inputs, logits), list(network.parameters()), materialize_grads=True
    )
    for (name, _), gradient in zip(network.named_parameters(), gradients, strict=True):
        assert name.startswith(("stages.0", "heads.0")) == bool(gradient.abs().max() > 0), name


def test_the_first_phase_has_nothing_to_keep(batch):
    start = start_of(batch[0], Phase(0.5, (1,), (1,)), *batch[1:])
    assert SequentialLwF().penalty(start) is None


@pytest.mark.parametrize(("exits", "strength"), [(2, 0.0), (1, 5.0)])
def test_without_strength_or_a_second_exit_it_is_plain_fine_tuning(exits, strength):
    found, _ = trained(SequentialLwF(strength=strength), exits)
    assert_equal_weights(found, trained(Sequential(), exits)[0])


def test_strength_keeps_the_first_exit_s_predictions():
    plain, some, much = (forgetting(SequentialLwF(strength=s)) for s in (0.0, 1.0, 100.0))
    assert plain > some > much
    assert much < plain / 3
