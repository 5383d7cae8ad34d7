"""Thresholds by which given shares leave: counted by hand and on random confidences."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.analysis.given_routing import GivenRouting
from harness.core.errors import InputError
from harness.policies.predictions import ExitPredictions
from harness.policies.routing import route


def predictions(confidence):
    confidence = np.asarray(confidence, dtype=float)
    return ExitPredictions(confidence, np.zeros(confidence.shape, int), np.zeros(confidence.shape))


def leaving(confidence, shares):
    """How many samples leave at each exit."""
    made = predictions(confidence)
    costs = np.arange(1.0, len(shares) + 1)
    (thresholds,) = GivenRouting(shares).select(made, costs)
    return np.bincount(route(made.confidence, thresholds), minlength=len(shares)).tolist()


def test_the_most_confident_of_those_that_reach_an_exit_leave():
    first = [0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1, 0.0]
    second = [0.0, 0.0, 0.0, 0.0, 0.0, 0.1, 0.5, 0.2, 0.4, 0.3]
    made = predictions([first, second, [1.0] * 10])
    (thresholds,) = GivenRouting((0.5, 0.2, 0.3)).select(made, np.ones(3))
    assert thresholds.tolist() == [0.5, 0.4]
    assert leaving(made.confidence, (0.5, 0.2, 0.3)) == [5, 2, 3]


@given(st.data())
def test_distinct_confidences_leave_in_the_shares_that_are_given(data):
    exits, samples = data.draw(st.integers(1, 4)), data.draw(st.integers(1, 40))
    weights = data.draw(st.lists(st.integers(0, 9), min_size=exits, max_size=exits).filter(any))
    shares = tuple(weight / sum(weights) for weight in weights)
    generator = np.random.default_rng(data.draw(st.integers(0, 10)))
    confidence = generator.permuted(np.tile(np.arange(samples), (exits, 1)), axis=1) / samples
    gone = np.cumsum(leaving(confidence, shares))
    assert gone[-1] == samples
    assert gone[:-1].tolist() == [round(samples * sum(shares[: e + 1])) for e in range(exits - 1)]


def test_equal_confidences_leave_together():
    assert leaving([[0.9, 0.5, 0.5, 0.5], [1.0] * 4], (0.5, 0.5)) == [4, 0]


def test_static_networks_have_no_thresholds_and_other_exits_are_refused():
    assert GivenRouting((0.5, 0.5)).select(predictions([[0.1, 0.2]]), np.ones(1)).shape == (1, 0)
    with pytest.raises(InputError, match="--routing: 2 shares for networks with 3 exits"):
        GivenRouting((0.5, 0.5)).select(predictions(np.zeros((3, 4))), np.ones(3))
