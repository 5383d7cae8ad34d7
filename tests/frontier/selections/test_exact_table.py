import itertools

import numpy as np
import pytest

from harness.core.errors import InputError
from harness.frontier.evaluate import evaluate
from harness.frontier.pareto import pareto_frontier
from harness.frontier.selections.exact_table import ExactTable
from harness.frontier.thresholds import default_levels, threshold_levels, threshold_table
from harness.frontier.trial_frontier import trial_frontier
from harness.policies.predictions import ExitPredictions


def network(exits, samples):
    generator = np.random.default_rng(exits)
    predicted = generator.integers(0, 2, (exits, samples))
    confidence = generator.random((exits, samples)).round(2)
    return ExitPredictions(confidence, predicted, predicted == 1), np.arange(1.0, exits + 1)


@pytest.mark.parametrize("exits", [1, 2, 3, 4])
@pytest.mark.parametrize("levels", [0, 7])
def test_the_thresholds_of_the_tables_frontier(exits, levels):
    predictions, costs = network(exits, 60)
    selection = ExactTable(levels=levels)
    grid = threshold_levels(predictions.confidence, levels or default_levels(exits))
    expected = pareto_frontier(
        threshold_table(predictions.confidence, predictions.correct, costs, grid)
    )
    assert np.array_equal(selection.select(predictions, costs), expected.thresholds)
    found = trial_frontier(predictions, costs, selection, None)
    assert found.score == pytest.approx(expected.score)
    assert found.cost == pytest.approx(expected.cost)


def test_against_every_vector_one_by_one():
    predictions, costs = network(3, 12)
    found = ExactTable(levels=13).select(predictions, costs)
    rows = [[*np.unique(row), np.inf] for row in predictions.confidence[:-1]]
    every = np.array(list(itertools.product(*rows)))
    points = set(
        zip(*evaluate(predictions.confidence, predictions.correct, costs, every), strict=True)
    )
    best = {
        (a, c)
        for a, c in points
        if not any((b >= a and d <= c and (b, d) != (a, c)) for b, d in points)
    }
    reached = zip(*evaluate(predictions.confidence, predictions.correct, costs, found), strict=True)
    assert set(reached) == best


def test_a_grid_beyond_the_memory_is_refused():
    predictions, costs = network(4, 60)
    with pytest.raises(InputError, match=r"levels: 20000 levels at 4 exits .* at most 464 levels"):
        ExactTable(levels=20_000).select(predictions, costs)
