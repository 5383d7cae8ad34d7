"""Attainment surfaces and probabilities against brute force."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.statistics.attainment import attained_share, attainment_surfaces, staircase

EIGHTHS = [i / 8 for i in range(9)]
FRONT = st.lists(
    st.tuples(st.sampled_from(EIGHTHS), st.sampled_from(EIGHTHS)), min_size=1, max_size=6
)
FRONTS = st.lists(FRONT, min_size=1, max_size=5)


def columns(points):
    return (np.array(column, dtype=float) for column in zip(*points, strict=True))


def attains(points, cost, accuracy):
    return any(c <= cost and a >= accuracy for c, a in points)


@given(FRONTS)
def test_surfaces_against_counting_seeds_at_every_point(fronts):
    labels = [10 * index for index, front in enumerate(fronts) for _ in front]
    found = attainment_surfaces(*columns([p for front in fronts for p in front]), labels)
    needed = {"best": 1, "median": math.ceil(len(fronts) / 2), "worst": len(fronts)}
    for level, least in needed.items():
        corners = list(zip(*found[level], strict=True))
        for point in itertools.product(EIGHTHS, EIGHTHS):
            seeds = sum(attains(front, *point) for front in fronts)
            assert attains(corners, *point) == (seeds >= least)
        assert (np.diff(found[level]) > 0).all()


def test_the_seeds_need_not_be_sorted_nor_count_from_0():
    cost, accuracy = np.array([0.2, 0.4, 0.3]), np.array([0.8, 0.9, 0.7])
    found = attainment_surfaces(cost, accuracy, [7, 2, 7])
    assert found["best"][0].tolist() == [0.2, 0.4]
    assert [x.tolist() for x in found["worst"]] == [[0.4], [0.8]]


@given(FRONT, FRONT)
def test_attained_share_against_the_middles_of_all_cells(own, other):
    found = attained_share(*columns(own), *columns(other), 1.0)
    start = min(cost for cost, _ in other)
    budgets = [b + 1 / 16 for b in EIGHTHS[:-1] if b >= start]
    if not budgets:
        assert math.isnan(found)
        return
    best = [
        [max((a for c, a in front if c <= b), default=-1) for b in budgets]
        for front in (own, other)
    ]
    assert found == pytest.approx(np.mean([a >= r for a, r in zip(*best, strict=True)]))


@given(FRONT, FRONT, FRONT)
def test_more_points_never_attain_less(own, more, other):
    before = attained_share(*columns(own), *columns(other), 1.01)
    assert attained_share(*columns(own + more), *columns(other), 1.01) >= before - 1e-12
    assert attained_share(*columns(own + other), *columns(other), 1.01) == pytest.approx(1)


@given(FRONT, FRONT)
def test_listing_a_point_twice_changes_nothing(own, other):
    once = attained_share(*columns(own), *columns(other), 1.01)
    assert attained_share(*columns(own * 2), *columns(other * 3), 1.01) == once


def test_a_frontier_without_points_attains_nothing():
    none = np.empty(0)
    assert attained_share(none, none, np.array([0.5]), np.array([0.5]), 1.0) == 0
    assert math.isnan(attained_share(np.array([0.5]), np.array([0.5]), none, none, 1.0))
    assert staircase(none, none, np.array([1.0])).tolist() == [-math.inf]
