import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.special import softmax

from harness.core.types import ExitLogits
from harness.policies.beem import BEEM
from harness.policies.max_softmax import MaxSoftmax

# Largest probabilities of three exits on three samples, and the classes that they are of.
PROBABILITY = np.array([[0.6, 0.9, 0.7], [0.8, 0.6, 0.8], [0.9, 0.7, 0.6]])
PREDICTED = np.array([[0, 0, 1], [0, 1, 1], [0, 1, 0]])
CHOSEN = PREDICTED[..., None] == np.arange(2)
SAMPLES = ExitLogits(
    np.log(np.where(CHOSEN, PROBABILITY[..., None], 1 - PROBABILITY[..., None])).astype(np.float32),
    np.array([0, 1, 1]),
)


def test_three_samples_by_hand_weighed_by_depth():
    # All agree; then the second exit starts anew; then the third does. w = 1, 2, 3.
    expected = [
        [0.6, 0.9, 0.7],
        [(0.6 + 1.6) / 3, 1.2 / 3, (0.7 + 1.6) / 3],
        [(0.6 + 1.6 + 2.7) / 6, (1.2 + 2.1) / 6, 1.8 / 6],
    ]
    found = BEEM(weights="depth").confidence(SAMPLES, SAMPLES)
    np.testing.assert_allclose(found, expected, rtol=1e-6)


def test_three_samples_by_hand_weighed_by_accuracy():
    # The exits are right on 2, 3 and 2 of the three samples.
    expected = [
        [0.6, 0.9, 0.7],
        [(2 * 0.6 + 3 * 0.8) / 5, 3 * 0.6 / 5, (2 * 0.7 + 3 * 0.8) / 5],
        [(1.2 + 2.4 + 1.8) / 7, (1.8 + 1.4) / 7, 1.2 / 7],
    ]
    np.testing.assert_allclose(BEEM().confidence(SAMPLES, SAMPLES), expected, rtol=1e-6)


def test_the_accuracy_is_of_the_samples_it_is_fitted_on():
    other = ExitLogits(SAMPLES.values, np.array([1, 0, 0]))  # right on 1, 0 and 1
    found = BEEM().confidence(SAMPLES, other)
    # The second exit has no vote, and where it disagrees the count starts anew.
    expected = [[0.6, 0.9, 0.7], [0.6, 0, 0.7], [(0.6 + 0.9) / 2, 0.7 / 2, 0.6 / 2]]
    np.testing.assert_allclose(found, expected, rtol=1e-6)


def test_exits_that_are_never_right_have_no_confidence():
    never = ExitLogits(SAMPLES.values[:, :1], np.array([1]))
    assert BEEM().confidence(SAMPLES, never).tolist() == [[0.0] * 3] * 3


@given(arrays(np.float32, (4, 6, 3), elements=st.floats(-9, 9, width=32)), st.booleans())
def test_the_recursion_sample_by_sample(values, by_depth):
    outputs = ExitLogits(values, np.arange(6) % 3)
    policy = BEEM(weights="depth" if by_depth else "accuracy")
    found = policy.confidence(outputs, outputs)
    weights = policy.fitted(outputs)["weights"][:, 0]
    probability, predicted = softmax(values.astype(float), axis=-1).max(-1), values.argmax(-1)
    for sample in range(6):
        votes = 0.0
        for index in range(4):
            vote = weights[index] * probability[index, sample]
            agrees = index > 0 and predicted[index, sample] == predicted[index - 1, sample]
            votes = votes + vote if agrees else vote
            expected = votes / weights[: index + 1].sum() if votes else 0
            assert found[index, sample] == pytest.approx(expected)


def test_a_single_exit_is_its_largest_probability():
    first = ExitLogits(SAMPLES.values[:1], SAMPLES.labels)
    own = MaxSoftmax().confidence(first, first)
    np.testing.assert_allclose(BEEM().confidence(first, first), own)
