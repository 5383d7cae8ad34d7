"""What holds for every threshold selection."""

import numpy as np
import pytest

from harness.frontier.selections import SELECTIONS
from harness.policies.predictions import ExitPredictions


def frozen(*arrays):
    for array in arrays:
        array.flags.writeable = False
    return arrays


@pytest.fixture(params=[1, 2, 3])
def network(request):
    """Predictions and costs that cannot be written to."""
    generator = np.random.default_rng(request.param)
    predicted = generator.integers(0, 3, (request.param, 200))
    predictions = ExitPredictions(
        *frozen(generator.random(predicted.shape), predicted, predicted == 1)
    )
    return predictions, *frozen(np.arange(1.0, request.param + 1))


@pytest.mark.parametrize("name", SELECTIONS.names())
def test_vectors_and_inputs(name, network):
    predictions, costs = network
    selection = SELECTIONS.get(name)()
    found = selection.select(predictions, costs)
    exits = len(costs)
    assert found.dtype == np.float64
    assert found.ndim == 2
    assert found.shape[1] == exits - 1
    assert len(found) == 1 if exits == 1 else len(found) >= 1
    assert not np.isnan(found).any()
    assert np.array_equal(found, selection.select(predictions, costs))
