import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.core.errors import InputError
from harness.core.parameters import build
from harness.frontier.selections.risk_control import RiskControl, path_losses, threshold_path
from harness.policies.predictions import ExitPredictions
from harness.policies.routing import route
from harness.statistics.risk import betting, gap_losses, hoeffding_bentkus

GAPS = ("prediction_gap", "ground_truth_gap")
COSTS = np.array([1.0, 2.0, 3.0])
RESAMPLES, POPULATION, CALIBRATION, DELTA, EPSILON = 200, 5000, 250, 0.1, 0.05


def network(samples, seed):
    """Three exits of rising accuracy that are more confident where they are correct."""
    generator = np.random.default_rng(seed)
    hard = generator.random(samples)
    margin = np.array([[0.6], [0.8], [0.95]]) - hard + generator.normal(0, 0.2, (3, samples))
    correct = margin + generator.normal(0, 0.2, (3, samples)) > 0
    predicted = np.where(correct, 0, generator.integers(1, 4, (3, samples)))
    return ExitPredictions(1 / (1 + np.exp(-4 * np.abs(margin) - margin)), predicted, correct)


def part(predictions, index):
    return ExitPredictions(
        *(a[:, index] for a in (predictions.confidence, predictions.predicted, predictions.correct))
    )


@given(st.integers(2, 5), st.integers(0, 2**31))
def test_path_losses_against_routing_one_by_one(exits, seed):
    generator = np.random.default_rng(seed)
    predicted = generator.integers(0, 3, (exits, 9))
    predictions = ExitPredictions(generator.random((exits, 9)).round(1), predicted, predicted == 0)
    losses, path = generator.random((exits, 9)), np.linspace(1, 0, 21)
    found = path_losses(predictions, losses, path)
    for row, threshold in zip(found, path, strict=True):
        taken = route(predictions.confidence, np.full(exits - 1, threshold))
        assert row.tolist() == losses[taken, np.arange(9)].tolist()


def test_the_path_falls_from_one_to_zero():
    path = threshold_path()
    assert (path[0], path[-1]) == (1, 0)
    assert (np.diff(path) < 0).all()


@pytest.mark.parametrize("gap", GAPS)
@pytest.mark.parametrize("procedure", ["crc", "ltt", "ucb"])
def test_the_threshold_before_the_first_that_fails(gap, procedure):
    predictions = network(300, 1)
    losses = gap_losses(predictions, gap)
    order = np.random.default_rng(0).permutation(300)
    expected = []
    for epsilon in (0.02, 0.08):
        kept = np.inf
        for threshold in threshold_path():
            taken = route(predictions.confidence, np.full(2, threshold))
            found = losses[taken, np.arange(300)][order]
            passes = {
                "crc": (found.sum() + 1) / 301 <= epsilon,
                "ltt": hoeffding_bentkus(np.maximum(found, 0), epsilon) <= 0.2,
                "ucb": betting(found, epsilon, 0.2) <= 0.2,
            }[procedure]
            if not passes:
                break
            kept = threshold
        expected.append([kept, kept])
    selection = RiskControl(risk=gap, procedure=procedure, delta=0.2, epsilons=(0.02, 0.08))
    assert selection.select(predictions, COSTS).tolist() == expected


def test_conformal_risk_control_by_hand():
    # The exit errs on the least confident of 9 samples: (0 + 1) / 10, then (1 + 1) / 10.
    confidence = np.array([[0.9] * 8 + [0.5], [1.0] * 9])
    predicted = np.array([[0] * 8 + [1], [0] * 9])
    predictions = ExitPredictions(confidence, predicted, predicted == 0)
    selection = RiskControl(procedure="crc", epsilons=(0.09, 0.1, 0.19, 0.2))
    never, early, middle, always = selection.select(predictions, np.array([1.0, 2.0]))[:, 0]
    assert never == np.inf
    assert 0.5 < early == middle < 0.51
    assert always == 0


def test_a_network_whose_exits_agree_leaves_at_once_and_tiny_data_never():
    agreeing = ExitPredictions(
        np.full((3, 500), 0.5), np.zeros((3, 500), int), np.ones((3, 500), bool)
    )
    for procedure in ("crc", "ltt", "ucb"):
        selection = RiskControl(procedure=procedure, epsilons=(0.05,))
        assert selection.select(agreeing, COSTS).tolist() == [[0, 0]]
        few = part(agreeing, np.arange(5))
        assert np.isinf(selection.select(few, COSTS)).all()


@pytest.fixture(scope="module", params=GAPS)
def realised(request):
    """By procedure, the risk outside of calibration samples: 200 draws of these from one network.

    `naive` takes the last threshold before the first whose mean loss exceeds epsilon.
    """
    predictions, path = network(POPULATION, 7), np.append(np.inf, threshold_path())
    losses = path_losses(predictions, gap_losses(predictions, request.param), path)
    everywhere = losses.mean(1)
    generator = np.random.default_rng(11)
    found = {name: [] for name in ("crc", "ltt", "ucb", "naive")}
    for _ in range(RESAMPLES):
        inside = generator.permutation(POPULATION)[:CALIBRATION]
        risk = losses[:, inside].mean(1)
        # The mean over all N samples is made of those of the n inside and the N - n outside.
        outside = POPULATION * everywhere - CALIBRATION * risk
        outside /= POPULATION - CALIBRATION
        found["naive"].append(outside[np.append(risk > EPSILON, True).argmax() - 1])
        for name in ("crc", "ltt", "ucb"):
            settings = {"risk": request.param, "delta": DELTA, "epsilons": (EPSILON,)}
            chosen = RiskControl(procedure=name, **settings).select(
                part(predictions, inside), COSTS
            )
            found[name].append(outside[path == chosen[0, 0]][0])
    return {name: np.array(risks) for name, risks in found.items()}


def test_the_risk_exceeds_epsilon_in_at_most_delta_of_resamples(realised):
    slack = 3 * math.sqrt(DELTA * (1 - DELTA) / RESAMPLES)  # three deviations of a binomial share
    assert (realised["ltt"] > EPSILON).mean() <= DELTA + slack
    assert (realised["ucb"] > EPSILON).mean() <= DELTA + slack
    assert (realised["naive"] > EPSILON).mean() > DELTA + slack  # the correction is needed here
    for name in ("ltt", "ucb"):
        assert realised[name].mean() > EPSILON / 5  # and leaving early is not given up


def test_the_expected_risk_stays_under_epsilon(realised):
    crc, naive = realised["crc"], realised["naive"]
    slack = 3 * crc.std() / math.sqrt(RESAMPLES)
    assert EPSILON / 2 < crc.mean() <= EPSILON + slack
    assert crc.mean() < naive.mean()


def test_settings_are_checked():
    for wrong in ({"epsilons": ()}, {"epsilons": (0.0,)}, {"delta": 0.0}, {"procedure": "naive"}):
        with pytest.raises(InputError, match="here: "):
            build(RiskControl, wrong, "here")
