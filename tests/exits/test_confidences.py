import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from harness.core.types import ExitLogits
from harness.exits import CONFIDENCES
from harness.exits.decision import decide

LOGITS = arrays(np.float32, (3, 5, 4), elements=st.floats(-60, 60, width=32))


def confidence(name, logits):
    """What a policy gives for logits [E, N, K], fitted on the same."""
    outputs = ExitLogits(logits, np.zeros(logits.shape[1], dtype=np.int64))
    return decide(CONFIDENCES.get(name)(), outputs, outputs).confidence


@pytest.mark.parametrize("name", CONFIDENCES.names())
@given(logits=LOGITS)
def test_confidences_are_shares_and_ignore_a_common_shift(name, logits):
    found = confidence(name, logits)
    assert found.shape == (3, 5)
    assert found.min() >= 0
    assert found.max() <= 1
    assert np.allclose(confidence(name, logits + np.float32(3)), found, atol=1e-4)


@pytest.mark.parametrize("name", CONFIDENCES.names())
def test_certain_and_undecided(name):
    certain = np.array([[[500.0, 0, 0, 0]]], dtype=np.float32)
    assert confidence(name, certain)[0, 0] == pytest.approx(1)
    undecided = confidence(name, np.zeros((1, 1, 4), dtype=np.float32))[0, 0]
    assert undecided == pytest.approx({"max_softmax": 0.25}.get(name, 0.0), abs=1e-12)


def test_values_by_hand():
    logits = np.log(np.array([[[0.7, 0.2, 0.1]]], dtype=np.float32))
    found = {n: confidence(n, logits)[0, 0] for n in CONFIDENCES.names()}
    entropy = -(0.7 * np.log(0.7) + 0.2 * np.log(0.2) + 0.1 * np.log(0.1))
    assert found["max_softmax"] == pytest.approx(0.7)
    assert found["margin"] == pytest.approx(0.5)
    assert found["entropy"] == pytest.approx(1 - entropy / np.log(3))
