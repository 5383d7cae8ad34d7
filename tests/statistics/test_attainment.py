"""Attainment surfaces and shares against brute force, and against moocore's of frontiers."""

import math

import moocore
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.core.types import Staircase
from harness.statistics.attainment import attained_share, attainment_surfaces

EIGHTHS = [i / 8 for i in range(9)]
BUDGETS = np.array([i / 16 for i in range(17)])
VALUE = st.sampled_from(EIGHTHS)
STEPS = st.dictionaries(VALUE, VALUE, min_size=1, max_size=6).map(
    lambda steps: Staircase(*(np.array(x) for x in zip(*sorted(steps.items()), strict=True)))
)


def rising(steps):
    """The same with each score the best so far: the staircase of a frontier."""
    score = np.maximum.accumulate(steps.score)
    first = np.append(True, np.diff(score) > 0)
    return Staircase(steps.budget[first], score[first])


def value(steps, budget):
    found = [s for b, s in zip(steps.budget, steps.score, strict=True) if b <= budget]
    return found[-1] if found else -math.inf


@given(st.lists(STEPS, min_size=1, max_size=5))
def test_surfaces_against_counting_seeds_at_every_budget(seeds):
    found = attainment_surfaces(seeds)
    needed = {"best": 1, "median": math.ceil(len(seeds) / 2), "worst": len(seeds)}
    for level, least in needed.items():
        for budget in BUDGETS:
            own = value(found[level], budget)
            for score in EIGHTHS:
                attaining = sum(value(steps, budget) >= score for steps in seeds)
                assert (own >= score) == (attaining >= least)
        assert (np.diff(found[level].budget) > 0).all()
        assert (np.diff(found[level].score) != 0).all()


@given(st.lists(STEPS.map(rising), min_size=1, max_size=5))
def test_of_frontiers_they_are_the_empirical_attainment_surfaces(seeds):
    points = np.concatenate([np.column_stack([s.budget, -s.score]) for s in seeds])
    sets = np.repeat(np.arange(1, len(seeds) + 1), [len(s.budget) for s in seeds])
    percents = {"best": 0.0, "median": 50.0, "worst": 100.0}
    corners = moocore.eaf(points, sets, percentiles=list(percents.values()))
    for level, surface in attainment_surfaces(seeds).items():
        expected = corners[corners[:, 2] == percents[level]]
        expected = expected[np.argsort(expected[:, 0])]
        assert surface.budget.tolist() == expected[:, 0].tolist()
        assert surface.score.tolist() == (-expected[:, 1]).tolist()


@given(STEPS, STEPS)
def test_attained_share_against_the_middles_of_all_cells(own, other):
    found = attained_share(own, other, 1.0)
    budgets = [b + 1 / 16 for b in EIGHTHS[:-1] if b >= other.budget[0]]
    if not budgets:
        assert math.isnan(found)
        return
    attained = [value(own, budget) >= value(other, budget) for budget in budgets]
    assert found == pytest.approx(np.mean(attained))


@given(STEPS)
def test_a_staircase_attains_itself_and_what_lies_below(steps):
    below = Staircase(steps.budget, steps.score - 0.1)
    assert attained_share(steps, steps, 1.01) == 1
    assert attained_share(steps, below, 1.01) == 1
    assert attained_share(below, steps, 1.01) == 0


def test_without_steps_nothing_is_attained():
    none = Staircase(np.empty(0), np.empty(0))
    one = Staircase(np.array([0.5]), np.array([0.5]))
    assert attained_share(none, one, 1.0) == 0
    assert math.isnan(attained_share(one, none, 1.0))
    assert none.at(np.array([1.0])).tolist() == [-math.inf]
