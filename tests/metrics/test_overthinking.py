import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.special import softmax

from harness.core.types import ExitLogits
from harness.metrics.overthinking import confusion, largest_drop, overthinking

LOGITS = arrays(np.float32, (4, 6, 3), elements=st.floats(-20, 20, width=32))
LABELS = arrays(np.int64, 6, elements=st.integers(0, 2))

# Probabilities of three exits for two samples of two classes; the labels are 0 and 1.
PROBABILITIES = np.array(
    [[[0.9, 0.1], [0.8, 0.2]], [[0.6, 0.4], [0.3, 0.7]], [[0.7, 0.3], [0.25, 0.75]]]
)
OUTPUTS = ExitLogits(np.log(PROBABILITIES).astype(np.float32), np.array([0, 1]))


def test_overthinking_by_hand():
    correct = np.array([[1, 1, 0, 0], [0, 1, 0, 1], [1, 0, 0, 1]], dtype=bool)
    cost = np.array([0.2, 0.5, 1.0])
    # Correct before it left wrong; the same; never correct; left by its first correct exit.
    found = overthinking(correct, cost, np.array([1, 2, 2, 1]))
    assert found["destructive_overthinking"] == 0.5
    assert found["wasteful_overthinking"] == 0
    assert found["oracle_accuracy"] == 0.75
    assert found["oracle_relative_cost"] == pytest.approx((0.2 + 0.2 + 0.2 + 0.5) / 4)
    # Going on to the last exit: the first and the last sample were correct before and still are.
    found = overthinking(correct, cost, np.full(4, 2))
    assert found["destructive_overthinking"] == 0.25
    assert found["wasteful_overthinking"] == 0.5


def test_confusion_by_hand():
    # |.7 - .9| + |.3 - .1| + |.7 - .6| + |.3 - .4|, and so on.
    assert confusion(OUTPUTS) == pytest.approx([0.4 + 0.2, 1.1 + 0.1])


@given(LOGITS, LABELS)
def test_confusion_against_a_plain_loop(logits, labels):
    probability = softmax(logits.astype(float), axis=-1)
    expected = [
        sum(abs(probability[e, n] - probability[-1, n]).sum() for e in range(len(logits)))
        for n in range(len(labels))
    ]
    found = confusion(ExitLogits(logits, labels))
    assert found == pytest.approx(expected)
    assert (found <= 2 * (len(logits) - 1) + 1e-12).all()


def test_exits_that_agree_are_not_confused():
    same = ExitLogits(np.repeat(OUTPUTS.values[:1], 3, axis=0), OUTPUTS.labels)
    assert confusion(same).tolist() == [0, 0]
    assert largest_drop(same).tolist() == [0, 0]


def test_largest_drop_by_hand():
    # The label's probabilities: .9 .6 .7, and .2 .7 .75.
    assert largest_drop(OUTPUTS) == pytest.approx([0.3, 0])


def test_falls_in_a_row_add_up():
    falling = np.log([[[0.9, 0.1]], [[0.7, 0.3]], [[0.6, 0.4]]]).astype(np.float32)
    assert largest_drop(ExitLogits(falling, np.array([0]))) == pytest.approx([0.3])


@given(LOGITS, LABELS)
def test_largest_drop_against_a_plain_loop(logits, labels):
    probability = softmax(logits.astype(float), axis=-1)
    expected = [
        max(0.0, *(p[n, y] - q[n, y] for p, q in itertools.combinations(probability, 2)))
        for n, y in enumerate(labels)
    ]
    assert largest_drop(ExitLogits(logits, labels)) == pytest.approx(expected)


def test_one_exit_contradicts_nobody():
    alone = ExitLogits(OUTPUTS.values[:1], OUTPUTS.labels)
    assert confusion(alone).tolist() == [0, 0]
    assert largest_drop(alone).tolist() == [0, 0]
