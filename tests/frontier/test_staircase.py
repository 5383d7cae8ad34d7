"""Staircases of points chosen on validation against brute force, and what an envelope does."""

import moocore
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.core.types import Staircase
from harness.frontier.pareto import hypervolume
from harness.frontier.staircase import area, epsilon, staircase

EIGHTHS = st.integers(0, 8).map(lambda i: i / 8)
POINTS = st.lists(st.tuples(EIGHTHS, EIGHTHS, EIGHTHS), min_size=1, max_size=12)
"""Cost and score on validation, score on test."""


def columns(points):
    return [np.array(column, dtype=float) for column in zip(*points, strict=True)]


def chosen(points, budget):
    """The point that validation chooses: the best within a budget, of equal ones the cheapest."""
    affordable = [p for p in points if p[0] <= budget]
    return max(affordable, key=lambda p: (p[1], -p[0]), default=None)


@given(POINTS)
def test_a_staircase_against_the_choice_at_every_budget(points):
    steps = staircase(*columns(points))
    assert (np.diff(steps.budget) > 0).all()
    for budget in (i / 16 for i in range(17)):
        point = chosen(points, budget)
        expected = -np.inf if point is None else point[2]
        assert steps.at(np.array(budget)) == expected


@given(POINTS)
def test_area_against_a_sum_of_strips(points):
    strips = [chosen(points, left) for left in (i / 8 for i in range(8))]
    expected = sum(max(0.0, p[2] - 0.25) / 8 for p in strips if p is not None)
    assert area(staircase(*columns(points)), 0.25) == pytest.approx(expected)


@given(POINTS)
def test_on_validation_it_is_the_hypervolume(points):
    cost, score, _ = columns(points)
    steps = staircase(cost, score, score)
    assert area(steps, 0.1) == pytest.approx(hypervolume(cost, score, 1.0, 0.1))
    assert (np.diff(steps.score) > 0).all()


@given(POINTS, POINTS)
def test_epsilon_against_every_amount(points, others):
    steps, reference = staircase(*columns(points)), staircase(*columns(others))

    def reached(budget, score, amount):
        point = chosen(points, budget + amount)
        return point is not None and point[2] + amount >= score

    amounts = [i / 8 for i in range(-16, 17)]
    worst = max(
        next(a for a in amounts if reached(*step, a))
        for step in zip(reference.budget, reference.score, strict=True)
    )
    assert epsilon(steps, reference) == worst


@given(POINTS, POINTS)
def test_on_validation_epsilon_is_that_of_the_points(points, others):
    (cost, score, _), (of_cost, of_score, _) = columns(points), columns(others)
    expected = moocore.epsilon_additive(
        np.column_stack([cost, score]),
        ref=np.column_stack([of_cost, of_score]),
        maximise=[False, True],
    )
    found = epsilon(staircase(cost, score, score), staircase(of_cost, of_score, of_score))
    assert found == pytest.approx(expected)


@given(POINTS, st.lists(EIGHTHS, min_size=12, max_size=12))
def test_resamples_keep_the_choice(points, other):
    cost, score, test = columns(points)
    resample = np.array(other[: len(points)])
    both = staircase(cost, score, np.stack([test, resample]))
    for index, judged in enumerate((test, resample)):
        alone = staircase(cost, score, judged)
        assert both.budget.tolist() == alone.budget.tolist()
        assert both.score[index].tolist() == alone.score.tolist()
        assert area(both, 0.2)[index] == pytest.approx(area(alone, 0.2))


def test_points_beyond_full_cost_count_nothing():
    assert area(Staircase(np.array([1.2]), np.array([0.9])), 0.1) == 0
    assert area(Staircase(np.array([0.5, 1.5]), np.array([0.5, 0.9])), 0.0) == 0.25
    assert area(Staircase(np.empty(0), np.empty(0)), 0.0) == 0


def errors(points, samples, repeats):
    """Test areas less that of the chosen points' true accuracies: of staircase and of envelope."""
    generator = np.random.default_rng(points)
    cost = np.linspace(0.1, 0.9, points)
    truth = 0.6 + 0.1 * cost
    found = []
    for _ in range(repeats):
        validation, test = generator.binomial(samples, truth, size=(2, points)) / samples
        true = area(staircase(cost, validation, truth), 0.5)
        kept = np.isin(cost, staircase(cost, validation, test).budget)
        envelope = hypervolume(cost[kept], test[kept], 1.0, 0.5)
        found.append((area(staircase(cost, validation, test), 0.5) - true, envelope - true))
    return np.array(found)


def test_the_staircase_is_unbiased_where_the_envelope_favours_many_points():
    found = {points: errors(points, samples=450, repeats=600) for points in (20, 200)}
    for values in found.values():
        staircases, _ = values.T
        assert abs(staircases.mean()) < 2.5 * staircases.std() / np.sqrt(len(values))
    few, many = (values[:, 1].mean() for values in found.values())
    assert few > 0.005
    assert many > few
