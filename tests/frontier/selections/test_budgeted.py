import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.frontier.selections.budgeted import Budgeted
from harness.policies.predictions import ExitPredictions
from harness.policies.routing import route


def select(confidence, steps):
    predicted = np.zeros(confidence.shape, dtype=np.int64)
    predictions = ExitPredictions(confidence, predicted, predicted == 0)
    return Budgeted(steps=steps).select(predictions, np.arange(1.0, len(confidence) + 1))


def test_thirds_by_hand():
    confidence = np.array(
        [
            [0.9, 0.8, 0.7, 0.6, 0.5, 0.4],
            [1.0, 1.0, 0.1, 0.3, 0.2, 0.4],  # the first two have left before
            [0.5, 0.5, 0.5, 0.5, 0.5, 0.5],
        ]
    )
    few, equal, many = select(confidence, 3)
    assert equal.tolist() == [0.8, 0.3]
    assert few.tolist() == [0.4, np.inf]  # q = 0.01: all six leave, none are left
    assert many.tolist() == [np.inf, np.inf]  # q = 100: 6 / 101 leave, rounded to none


def test_equal_confidences_leave_together_and_the_rest_is_shared_alike():
    confidence = np.array(
        [[0.9, 0.5, 0.5, 0.5, 0.1, 0.1, 0.1], [0.4] * 4 + [0.3, 0.2, 0.1], [1] * 7]
    )
    thresholds = select(confidence, 3)[1]
    # A third of seven, two, should leave; three share the second's confidence. Half of the
    # three that are left, rounded to the even number, is two.
    assert thresholds.tolist() == [0.5, 0.2]
    assert np.bincount(route(confidence, thresholds)).tolist() == [4, 2, 1]


@given(st.integers(2, 5), st.integers(1, 400), st.integers(2, 9), st.integers(0, 2**31))
def test_shares_are_in_the_ratio_of_powers_of_q(exits, samples, steps, seed):
    confidence = np.random.default_rng(seed).random((exits, samples))
    ratios = 10 ** np.linspace(-2, 2, steps)
    for ratio, thresholds in zip(ratios, select(confidence, steps), strict=True):
        wanted = ratio ** np.arange(1, exits + 1)
        left = np.bincount(route(confidence, thresholds), minlength=exits)
        # Each exit rounds once, and inherits what the exits before it have rounded.
        assert np.abs(left - samples * wanted / wanted.sum()).max() <= exits / 2 + 1e-6


@pytest.mark.parametrize("steps", [2, 41])
def test_depth_rises_with_q(steps):
    confidence = np.random.default_rng(0).random((4, 500))
    depth = [route(confidence, vector).mean() for vector in select(confidence, steps)]
    assert len(depth) == steps
    assert depth[0] < 0.02
    assert depth[-1] > 2.98
    assert (np.diff(depth) > 0).all()
