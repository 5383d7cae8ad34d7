import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.special import softmax
from scipy.stats import gmean

from harness.core.types import ExitLogits
from harness.policies.geometric_ensemble import GeometricEnsemble
from harness.policies.max_softmax import MaxSoftmax
from harness.policies.predictions import apply_policy

LOGITS = arrays(np.float32, (4, 6, 3), elements=st.floats(-20, 20, width=32))


def outputs_of(logits):
    return ExitLogits(logits, np.zeros(logits.shape[1], dtype=np.int64))


def test_values_by_hand():
    # Exit 2 alone would predict 1; since 0.9 * 0.2 > 0.1 * 0.8 the ensemble stays with 0.
    logits = np.log(np.array([[[0.9, 0.1]], [[0.2, 0.8]], [[0.5, 0.5]]], dtype=np.float32))
    outputs = outputs_of(logits)
    found = apply_policy(GeometricEnsemble(), outputs, outputs)
    square_roots = np.sqrt(0.9 * 0.2), np.sqrt(0.1 * 0.8)
    cube_roots = np.cbrt(0.9 * 0.2 * 0.5), np.cbrt(0.1 * 0.8 * 0.5)
    expected = [0.9, square_roots[0] / sum(square_roots), cube_roots[0] / sum(cube_roots)]
    assert found.confidence[:, 0] == pytest.approx(expected)
    assert found.predicted[:, 0].tolist() == [0, 0, 0]
    assert found.correct.all()


@given(LOGITS)
def test_against_the_normalised_geometric_mean(logits):
    outputs, policy = outputs_of(logits), GeometricEnsemble()
    probability = softmax(logits.astype(float), axis=-1)
    confidence, predicted = policy.confidence(outputs, outputs), policy.predict(outputs)
    for index in range(len(logits)):
        mean = gmean(probability[: index + 1], axis=0)
        mean /= mean.sum(-1, keepdims=True)
        assert confidence[index] == pytest.approx(mean.max(-1))
        picked = np.take_along_axis(mean, predicted[index][:, None], axis=-1)[:, 0]
        assert picked == pytest.approx(mean.max(-1))


@given(LOGITS)
def test_equal_exits_are_no_better_than_one(logits):
    same = outputs_of(np.repeat(logits[:1], 4, axis=0))
    found = apply_policy(GeometricEnsemble(), same, same)
    alone = apply_policy(MaxSoftmax(), same, same)
    assert found.confidence == pytest.approx(alone.confidence)


def test_certain_exits_are_weighed_by_their_logits():
    # Log-odds of 1800 for the one class and 1600 for the other: no probability is left to compare.
    logits = np.array([[[900.0, -900.0]], [[-800.0, 800.0]]], dtype=np.float32)
    outputs = outputs_of(logits)
    found = apply_policy(GeometricEnsemble(), outputs, outputs)
    assert found.confidence[:, 0].tolist() == [1, 1]
    assert found.predicted[:, 0].tolist() == [0, 0]
