import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from harness.core.types import ExitLogits
from harness.policies.patience import Patience
from harness.policies.routing import route


def outputs_predicting(predicted):
    """Outputs whose exits predict the classes [E, N], out of 4."""
    values = np.eye(4, dtype=np.float32)[predicted]
    return ExitLogits(values, np.zeros(values.shape[1], dtype=np.int64))


def counts(predicted):
    outputs = outputs_predicting(np.array(predicted))
    return Patience().confidence(outputs, outputs) * len(predicted)


def test_values_by_hand():
    # One sample per column.
    found = counts([[0, 0, 2], [0, 1, 2], [1, 1, 2], [1, 1, 0], [1, 2, 2]])
    assert found.T.tolist() == [[1, 2, 1, 2, 3], [1, 1, 2, 3, 1], [1, 2, 3, 1, 1]]


@given(arrays(np.int64, (6, 7), elements=st.integers(0, 2)))
def test_against_a_plain_loop(predicted):
    expected = np.zeros(predicted.shape)
    for sample in range(predicted.shape[1]):
        for index in range(len(predicted)):
            same = index
            while same > 0 and predicted[same - 1, sample] == predicted[index, sample]:
                same -= 1
            expected[index, sample] = index - same + 1
    assert counts(predicted) == pytest.approx(expected)


@pytest.mark.parametrize("exits", [1, 3, 7])
def test_the_last_of_exits_that_all_agree_is_certain(exits):
    outputs = outputs_predicting(np.full((exits, 2), 3))
    assert Patience().confidence(outputs, outputs)[-1].tolist() == [1, 1]


@given(arrays(np.int64, (5, 20), elements=st.integers(0, 1)), st.integers(1, 4))
def test_thresholds_on_the_count_leave_where_the_paper_does(predicted, patience):
    # The paper's algorithm: a counter of agreements with the exit before, exit at `patience`.
    expected = []
    for column in predicted.T:
        counter, leave = 0, len(column) - 1
        for index in range(1, len(column)):
            counter = counter + 1 if column[index] == column[index - 1] else 0
            if counter == patience:
                leave = index
                break
        expected.append(leave)
    outputs = outputs_predicting(predicted)
    thresholds = np.full(4, (patience + 1) / 5)
    assert route(Patience().confidence(outputs, outputs), thresholds).tolist() == expected
