import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.core.types import ExitLogits
from harness.frontier.evaluate import evaluate, routing_shares
from harness.frontier.selections.exact_table import ExactTable
from harness.frontier.trial_frontier import trial_frontier
from harness.policies.max_softmax import MaxSoftmax
from harness.policies.predictions import apply_policy
from harness.policies.routing import route


@given(st.integers(1, 4), st.integers(0, 2**31))
def test_vectors_against_routing_one_by_one(exits, seed):
    generator = np.random.default_rng(seed)
    confidence, score = generator.random((exits, 15)), generator.random((exits, 15))
    correct = score < 0.5 if seed % 2 else 1 - 4 * score
    costs, thresholds = np.arange(1.0, exits + 1), generator.random((6, exits - 1))
    accuracy, cost = evaluate(confidence, correct, costs, thresholds)
    shares = routing_shares(confidence, thresholds)
    for index, vector in enumerate(thresholds):
        taken = route(confidence, vector)
        assert accuracy[index] == pytest.approx(correct[taken, np.arange(15)].mean())
        assert cost[index] == pytest.approx(costs[taken].mean())
        assert shares[index].tolist() == pytest.approx([(taken == e).mean() for e in range(exits)])


def test_the_image_on_the_same_logits_is_the_frontier_itself():
    generator = np.random.default_rng(0)
    labels = generator.integers(0, 4, 200)
    values = generator.normal(size=(3, 200, 4)).astype(np.float32)
    values[:, np.arange(200), labels] += np.array([0.5, 1, 2], dtype=np.float32)[:, None]
    logits = ExitLogits(values, labels)
    predictions = apply_policy(MaxSoftmax(), logits, logits)
    costs = np.array([10.0, 30.0, 70.0])
    found = trial_frontier(predictions, costs, ExactTable(), None)
    accuracy, cost = evaluate(predictions.confidence, predictions.correct, costs, found.thresholds)
    assert np.allclose(accuracy, found.score)
    assert np.allclose(cost, found.cost)
    single = trial_frontier(predictions, costs, ExactTable(), tuple(found.thresholds[5]))
    assert single.score.tolist() == pytest.approx([found.score[5]])
