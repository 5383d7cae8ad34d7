import itertools

import numpy as np
import pytest

from harness.exits.decision import Decision
from harness.frontier.evaluate import evaluate
from harness.frontier.of_trial import trial_frontier
from harness.frontier.pareto import frontier
from harness.frontier.selections.exact_table import ExactTable
from harness.frontier.thresholds import default_levels, threshold_levels, threshold_table


def network(exits, samples):
    generator = np.random.default_rng(exits)
    answers = generator.integers(0, 2, (exits, samples))
    confidence = generator.random((exits, samples)).round(2)
    return Decision(confidence, answers, answers == 1), np.arange(1.0, exits + 1)


@pytest.mark.parametrize("exits", [1, 2, 3, 4])
@pytest.mark.parametrize("levels", [0, 7])
def test_the_thresholds_of_the_tables_frontier(exits, levels):
    decision, costs = network(exits, 60)
    selection = ExactTable(levels=levels)
    grid = threshold_levels(decision.confidence, levels or default_levels(exits))
    expected = frontier(threshold_table(decision.confidence, decision.correct, costs, grid))
    assert np.array_equal(selection.select(decision, costs), expected.thresholds)
    found = trial_frontier(decision, costs, selection, None)
    assert found.accuracy == pytest.approx(expected.accuracy)
    assert found.cost == pytest.approx(expected.cost)


def test_against_every_vector_one_by_one():
    decision, costs = network(3, 12)
    found = ExactTable(levels=13).select(decision, costs)
    rows = [[*np.unique(row), np.inf] for row in decision.confidence[:-1]]
    every = np.array(list(itertools.product(*rows)))
    points = set(zip(*evaluate(decision.confidence, decision.correct, costs, every), strict=True))
    best = {
        (a, c)
        for a, c in points
        if not any((b >= a and d <= c and (b, d) != (a, c)) for b, d in points)
    }
    reached = zip(*evaluate(decision.confidence, decision.correct, costs, found), strict=True)
    assert set(reached) == best
