import numpy as np
import pytest

from harness.core.errors import InputError
from harness.core.types import ExitLogits, Graph, Part, Split


def outputs(labels, values=((0.0, 0.0),)):
    return ExitLogits(np.array([values], dtype=np.float32), labels)


CLASSES = outputs(np.array([1]))
VALUES = outputs(np.array([[3.0]], dtype=np.float32), [[2.0, np.log(4.0)]])


def test_labels_determine_the_task():
    assert CLASSES.task == "classification"
    assert VALUES.task == "regression"


def test_the_shape_of_a_split_holds_task_and_names():
    for labels, task in (
        (np.zeros(4, np.int64), "classification"),
        (np.zeros((4, 2), np.float32), "regression"),
    ):
        part = Part(np.zeros((4, 1), np.float32), labels)
        found = Split(part, part, part, ("a", "b"), "").shape
        assert (found.names, found.task) == (2, task)


def test_means_and_variances_by_hand():
    values = [[1.0, 2.0, 0.0, np.log(9.0)]]
    found = outputs(np.zeros((1, 2), dtype=np.float32), values)
    assert found.means.tolist() == [[[1, 2]]]
    assert found.variances == pytest.approx(np.array([[[1, 9]]]), rel=1e-6)
    assert found.means.dtype == found.variances.dtype == np.float64


def test_class_labels_are_those_of_a_classification_alone():
    assert CLASSES.class_labels is CLASSES.labels
    with pytest.raises(InputError, match="classification only, found the outputs of a regression"):
        VALUES.class_labels  # noqa: B018 -- asking is what is tested


def test_what_is_read_of_a_sample_is_its_input_or_its_node():
    part = Part(np.zeros((4, 1, 7), np.float32), np.zeros(4, np.int64))
    split = Split(part, part, part, ("a",), "d")
    assert split.shape.inputs == (1, 7)
    node = Part(np.zeros((4, 1), np.float32), np.zeros(4, np.int64))
    graph = Graph(np.zeros((9, 5), np.float32), np.empty((2, 0), np.int64))
    assert Split(node, node, node, ("a",), "d", graph).shape.inputs == (5,)
