import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.frontier.pareto import (
    accuracy_at,
    frontier_indices,
    hypervolume,
    knee,
    non_dominated,
    pareto_frontier,
)
from harness.frontier.thresholds import threshold_levels, threshold_table

POINTS = st.lists(
    st.tuples(st.integers(0, 8).map(lambda c: c / 8), st.integers(0, 8).map(lambda a: a / 8)),
    min_size=1,
    max_size=25,
)


def split(points):
    return (np.array(column, dtype=float) for column in zip(*points, strict=True))


@given(POINTS)
def test_non_dominated_against_brute_force(points):
    found = non_dominated(*split(points))
    for index, (c, a) in enumerate(points):
        beaten = any((d <= c and b >= a) and (d, b) != (c, a) for d, b in points)
        repeated = (c, a) in points[:index]
        assert found[index] == (not beaten and not repeated)


@given(st.integers(0, 2**31), st.sampled_from([1e-310, 1e-9, 1.0, 1e12]))
def test_non_dominated_against_a_running_best(seed, unit):
    """Many points, costs of any unit, many of them equal."""
    generator = np.random.default_rng(seed)
    cost = unit * generator.integers(1, 300, 2000)
    accuracy = generator.integers(0, 40, 2000) / 40
    order = np.lexsort((np.arange(2000), -accuracy, cost))
    best = np.maximum.accumulate(accuracy[order])
    first = np.concatenate([[True], best[1:] > best[:-1]])
    assert np.array_equal(np.flatnonzero(non_dominated(cost, accuracy)), np.sort(order[first]))


@given(POINTS)
def test_hypervolume_against_a_sum_of_strips(points):
    cost, accuracy = split(points)
    marks = sorted({*cost.tolist(), 1.0})
    strips = [
        (right - left) * max(0.0, accuracy[cost <= left].max() - 0.25)
        for left, right in itertools.pairwise(marks)
    ]
    assert hypervolume(cost, accuracy, 1.0, 0.25) == pytest.approx(sum(strips))


@given(POINTS, POINTS)
def test_more_points_never_lower_the_hypervolume(points, more):
    before = hypervolume(*split(points), 1.0, 0.1)
    assert hypervolume(*split(points + more), 1.0, 0.1) >= before - 1e-12


@given(POINTS)
def test_frontier_indices_are_the_best_of_each_budget_by_rising_cost(points):
    cost, accuracy = split(points)
    found = frontier_indices(cost, accuracy)
    assert sorted(found) == np.flatnonzero(non_dominated(cost, accuracy)).tolist()
    assert (np.diff(cost[found]) > 0).all()
    for index in found:
        assert accuracy[index] == accuracy[cost <= cost[index]].max()


def test_hypervolume_by_hand():
    cost, accuracy = np.array([0.25, 0.5]), np.array([0.5, 0.9])
    assert hypervolume(cost, accuracy, 1.0, 0.1) == pytest.approx(0.25 * 0.4 + 0.5 * 0.8)
    assert hypervolume(np.array([1.2]), np.array([0.9]), 1.0, 0.1) == 0
    assert hypervolume(np.empty(0), np.empty(0), 1.0, 0.1) == 0


def test_budgets_and_knee():
    cost, accuracy = np.array([0.2, 0.5, 0.9]), np.array([0.6, 0.8, 0.85])
    assert accuracy_at(cost, accuracy, 0.5, 0.1) == 0.8
    assert accuracy_at(cost, accuracy, 0.1, 0.1) == 0.1
    assert knee(cost, accuracy, 1.0, 0.1) == 0


def test_the_frontier_of_a_table_is_its_non_dominated_set():
    generator = np.random.default_rng(3)
    confidence, correct = generator.random((3, 40)), generator.random((3, 40)) < 0.6
    levels = threshold_levels(confidence, 41)
    table = threshold_table(confidence, correct, np.array([1.0, 2.0, 4.0]), levels)
    found = pareto_frontier(table)
    kept = non_dominated(table.cost.ravel(), table.accuracy.ravel())
    assert len(found.cost) == kept.sum()
    assert (np.diff(found.cost) > 0).all()
    assert (np.diff(found.score) > 0).all()
    assert found.thresholds.shape == (len(found.cost), 2)
