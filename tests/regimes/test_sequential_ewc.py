import itertools

import pytest
import torch
from torch import nn

from harness.models.early_exit import EarlyExitNet
from harness.regimes import Phase
from harness.regimes.sequential import Sequential
from harness.regimes.sequential_ewc import SequentialEWC, estimated_fisher, signed_gradient
from tests.regimes.sequences import assert_equal_weights, forgetting, start_of, trained

SECOND = Phase(0.5, (1, 2), (1, 2))


@pytest.fixture
def regressions():
    """Two softmax regressions of one input as two exits, and samples."""
    torch.manual_seed(0)
    heads = [nn.Linear(4, 3).double(), nn.Linear(4, 3).double()]
    network = EarlyExitNet([nn.Identity(), nn.Identity()], heads)
    return network, torch.randn(7, 4).double(), torch.tensor([0, 1, 2, 0, 1, 2, 0])


def by_formula(head, inputs, labels):
    """Means over samples of (p_c - y_c)^2 x_j^2, and of (p_c - y_c)^2 for the biases."""
    with torch.no_grad():
        error = head(inputs).softmax(-1) - nn.functional.one_hot(labels, 3)
    weight = torch.einsum("nc,nj->cj", error.square(), inputs.square()) / len(labels)
    return weight, error.square().mean(0)


def test_fisher_of_a_softmax_regression_by_formula(regressions):
    network, inputs, labels = regressions
    # Fewer samples than draws: a sample a draw, whose sign the square removes.
    found = estimated_fisher(start_of(network, SECOND, inputs, labels), (1,))
    for value, expected in zip(found, by_formula(network.heads[0], inputs, labels), strict=False):
        torch.testing.assert_close(value, expected)
    assert all(value.abs().max() == 0 for value in found[2:])  # of the second exit


def test_the_mean_over_all_signs_is_the_sum_of_squares_of_each_sample_and_exit():
    torch.manual_seed(0)
    stages = [nn.Sequential(nn.Linear(2, 3), nn.Tanh()), nn.Linear(3, 3)]
    network = EarlyExitNet(stages, [nn.Linear(3, 2), nn.Linear(3, 2)]).double()
    inputs, labels = torch.randn(3, 2).double(), torch.tensor([0, 1, 0])
    exact = [torch.zeros_like(weight) for weight in network.parameters()]
    for exit_, sample in itertools.product(range(2), range(3)):
        one = torch.zeros(2, 3)
        one[exit_, sample] = 1
        for total, found in zip(
            exact, signed_gradient(network, (1, 2), (inputs, labels), one), strict=True
        ):
            total.add_(found.square())
    every = list(itertools.product((-1.0, 1.0), repeat=6))
    mean = [torch.zeros_like(weight) for weight in exact]
    for signs in every:
        drawn = torch.tensor(signs).view(2, 3)
        for total, found in zip(
            mean, signed_gradient(network, (1, 2), (inputs, labels), drawn), strict=True
        ):
            total.add_(found.square() / len(every))
    for found, expected in zip(mean, exact, strict=True):
        torch.testing.assert_close(found, expected)


def test_the_estimate_from_many_samples_is_near_the_exact_one():
    torch.manual_seed(0)
    network = EarlyExitNet([nn.Identity()], [nn.Linear(4, 3).double()])
    inputs, labels = torch.randn(2000, 4).double(), torch.arange(2000) % 3
    found = estimated_fisher(start_of(network, SECOND, inputs, labels), (1,))
    again = estimated_fisher(start_of(network, SECOND, inputs, labels), (1,))
    for value, expected in zip(found, by_formula(network.heads[0], inputs, labels), strict=True):
        # Four standard deviations of a mean of 100 squares.
        torch.testing.assert_close(value, expected, rtol=0.57, atol=0)
        assert (value / expected).mean().item() == pytest.approx(1, abs=0.3)
    assert all(torch.equal(a, b) for a, b in zip(found, again, strict=True))


def test_the_penalty_by_hand(regressions):
    network, inputs, labels = regressions
    regime, start = SequentialEWC(strength=5.0), start_of(network, SECOND, inputs, labels)
    weight, bias = by_formula(network.heads[0], inputs, labels)
    penalty = regime.penalty(start)
    logits = network(inputs)
    assert penalty(inputs, logits).item() == 0
    with torch.no_grad():
        network.heads[0].weight[1, 2] += 0.5
        network.heads[0].bias[0] -= 2.0
        network.heads[1].bias[0] += 9.0  # no earlier exit reads it
    expected = 5 * (0.25 * weight[1, 2] + 4 * bias[0])
    torch.testing.assert_close(penalty(inputs, logits), expected)


def test_the_first_phase_has_nothing_to_keep(regressions):
    start = start_of(regressions[0], Phase(0.5, (1,), (1,)), *regressions[1:])
    assert SequentialEWC().penalty(start) is None


@pytest.mark.parametrize(("exits", "strength"), [(2, 0.0), (1, 5.0)])
def test_without_strength_or_a_second_exit_it_is_plain_fine_tuning(exits, strength):
    found, _ = trained(SequentialEWC(strength=strength), exits)
    assert_equal_weights(found, trained(Sequential(), exits)[0])


def test_strength_keeps_the_first_exit_s_predictions():
    plain, some, much = (forgetting(SequentialEWC(strength=s)) for s in (0.0, 10.0, 1e4))
    assert plain > some > much
    assert much < plain / 3
