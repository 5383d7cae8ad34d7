import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import brentq

from harness.core.errors import InputError
from harness.policies.predictions import ExitPredictions
from harness.statistics.risk import betting, gap_losses, hoeffding_bentkus

LABELS = np.array([0, 0, 1, 1])
PREDICTED = np.array([[0, 1, 0, 1], [0, 0, 0, 2]])


def test_gaps_by_hand():
    predictions = ExitPredictions(np.ones((2, 4)), PREDICTED, PREDICTED == LABELS)
    # Both exits predict the same wrong class for sample 2; only the last is wrong on sample 3.
    assert gap_losses(predictions, "prediction_gap").tolist() == [[0, 1, 0, 1], [0, 0, 0, 0]]
    assert gap_losses(predictions, "ground_truth_gap").tolist() == [[0, 1, 0, -1], [0, 0, 0, 0]]


@pytest.mark.parametrize("gap", ["prediction_gap", "ground_truth_gap"])
def test_gaps_of_a_regression_are_refused(gap):
    predictions = ExitPredictions(np.ones((2, 4)), np.zeros((2, 4, 1)), np.ones((2, 4)))
    with pytest.raises(InputError, match="for classification only, found a regression"):
        gap_losses(predictions, gap)


@pytest.mark.parametrize("total", [0, 1, 3, 8])
def test_hoeffding_bentkus_against_a_plain_sum(total):
    samples, level = 20, 0.3
    losses = np.zeros(samples)
    losses[:total] = 1
    a = min(total / samples, level)
    h = (1 - a) * math.log((1 - a) / (1 - level)) + (a * math.log(a / level) if a else 0)
    below = sum(
        math.comb(samples, k) * level**k * (1 - level) ** (samples - k) for k in range(total + 1)
    )
    expected = min(math.exp(-samples * h), math.e * below)
    assert hoeffding_bentkus(losses, level) == pytest.approx(expected)


def test_hoeffding_bentkus_at_the_ends():
    losses = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 1.0]])
    assert hoeffding_bentkus(losses, 0.0).tolist() == [1, 1, 1]
    assert hoeffding_bentkus(losses, 1.0).tolist() == [0, 0, 1]


def wealth(losses, level, delta):
    """max_i K_i, one sample after the other."""
    mean_sum, deviations, known, log, best = 0.5, 0.25, 0.25, 0.0, 0.0
    for index, loss in enumerate(losses, start=1):
        bet = min(1, math.sqrt(2 * math.log(1 / delta) / (len(losses) * known)))
        log += math.log(1 - bet * (loss - level))
        best = max(best, log)
        mean_sum += loss
        deviations += (loss - mean_sum / (1 + index)) ** 2
        known = deviations / (1 + index)
    return math.exp(best)


@given(st.integers(0, 2**31), st.sampled_from([0.01, 0.1, 0.3]), st.booleans())
def test_betting_against_one_bet_after_the_other(seed, level, signed):
    generator = np.random.default_rng(seed)
    losses = (generator.random((3, 60)) < 0.1).astype(float)
    if signed:
        losses -= generator.random((3, 60)) < 0.1
    found = betting(losses, level, 0.1)
    assert found == pytest.approx([1 / wealth(row, level, 0.1) for row in losses])


@given(st.integers(0, 2**31), st.sampled_from([0.05, 0.1, 0.2]))
def test_betting_inverts_the_upper_confidence_bound(seed, delta):
    losses = (np.random.default_rng(seed).random(200) < 0.05).astype(float)
    bound = brentq(lambda r: wealth(losses, r, delta) - 1 / delta, 1e-9, 1)
    assert betting(losses, bound * 1.001, delta) < delta < betting(losses, bound * 0.999, delta)


@pytest.mark.parametrize("signed", [False, True])
@pytest.mark.parametrize("delta", [0.05, 0.2])
def test_a_mean_at_the_level_is_taken_for_lower_at_most_delta_of_the_time(delta, signed):
    trials, level = 2000, 0.1
    generator = np.random.default_rng(5)
    draws = generator.random((trials, 300))
    losses = (draws < level).astype(float)
    slack = 3 * math.sqrt(delta * (1 - delta) / trials)
    assert (hoeffding_bentkus(losses, level) <= delta).mean() <= delta + slack
    if signed:
        losses = (draws < 0.15).astype(float) - (draws > 0.95)
    error = (betting(losses, level, delta) <= delta).mean()
    assert 0 < error <= delta + slack


@pytest.mark.parametrize("test", [hoeffding_bentkus, lambda x, level: betting(x, level, 0.1)])
def test_a_guarantee_needs_samples_that_chose_no_network(test):
    """The cheapest of 18 equal networks on validation: controlled there, its word is broken.

    Losses rise along a path of thresholds of known risks: a network's loss of a sample is 1 from
    some threshold on. The same network, controlled on fresh samples, keeps its word.
    """
    runs, networks, samples, level, delta = 50, 18, 250, 0.05, 0.1
    risks = np.linspace(0.03, 0.08, 61)
    generator = np.random.default_rng(3)

    def last_passing(draws):
        """Risk of the last threshold before the first that fails, for each network."""
        losses = (draws[:, None, :] < risks[:, None]).astype(float)
        fails = test(losses, level) > delta
        return np.append(risks, 0)[np.where(fails.any(1), fails.argmax(1), len(risks)) - 1]

    over = np.empty((runs, 2))
    for run in range(runs):
        on_validation = last_passing(generator.random((networks, samples)))
        held_out = last_passing(generator.random((1, samples)))  # of whichever is the cheapest
        over[run] = on_validation.max() > level, held_out[0] > level
    same, apart = over.mean(0)
    slack = 3 * math.sqrt(delta * (1 - delta) / runs)
    assert same > delta + slack
    assert apart <= delta + slack
