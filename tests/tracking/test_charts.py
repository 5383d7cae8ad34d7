"""Metrics as the MLflow UI draws them, from values worked by hand."""

import math

import numpy as np
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from harness.tracking.charts import by_cost, by_exit, curves, scalars


def points(metrics):
    return {(m.key, m.step): m.value for m in metrics}


def test_values_per_exit_become_lines_over_exits():
    values = {"accuracy_exit_1": 0.5, "accuracy_exit_2": 0.75, "ece_exit_2": 0.1, "accuracy": 0.7}
    assert points(by_exit(values)) == {
        ("exits/accuracy", 1): 0.5,
        ("exits/accuracy", 2): 0.75,
        ("exits/ece", 2): 0.1,
    }


def test_a_frontier_becomes_a_staircase_over_percent_of_the_full_cost():
    frontier = pd.DataFrame({"relative_cost": [0.972, 0.98, 1.012], "accuracy": [0.5, 0.6, 0.9]})
    found = points(by_cost(frontier))
    assert found == {
        ("frontier/accuracy", 98): 0.6,
        ("frontier/accuracy", 100): 0.6,
        ("frontier/accuracy", 102): 0.9,
    }


@given(st.lists(st.tuples(st.floats(0.001, 1.5), st.floats(0, 1)), min_size=1, max_size=20))
def test_every_step_is_the_best_accuracy_that_it_pays_for(pairs):
    cost, accuracy = np.array(pairs).T
    found = points(by_cost(pd.DataFrame({"relative_cost": cost, "accuracy": accuracy})))
    steps = sorted(step for _, step in found)
    assert steps[0] == math.ceil(100 * cost.min())
    assert steps[1:-1] == [p for p in range(steps[0] + 1, steps[-1]) if p % 10 == 0]
    assert steps[-1] == max(100, math.ceil(100 * cost.max()))
    for step in steps:
        assert found["frontier/accuracy", step] == accuracy[cost <= step / 100].max()
    assert found["frontier/accuracy", steps[-1]] == accuracy.max()


def test_what_is_not_finite_is_left_out():
    assert points(scalars({"a": 1, "b": math.nan, "c": math.inf})) == {("a", 0): 1}
    curve = pd.DataFrame({"train_loss": [2.0, math.nan, 1.0]})
    assert points(curves(curve)) == {("curve/train_loss", 0): 2, ("curve/train_loss", 2): 1}


def test_a_curve_of_many_epochs_is_drawn_at_few_the_last_among_them():
    epochs = np.arange(61.0)
    names = ("phase", "train_loss", "validation_accuracy_exit_1", "validation_accuracy_exit_2")
    found = points(curves(pd.DataFrame(dict.fromkeys(names, epochs))))
    assert {name for name, _ in found} == {"curve/train_loss", "curve/validation_accuracy_exit_2"}
    steps = sorted(step for name, step in found if name == "curve/train_loss")
    assert steps == [4, 11, 18, 25, 32, 39, 46, 53, 60]
    assert all(value == step for (_, step), value in found.items())
