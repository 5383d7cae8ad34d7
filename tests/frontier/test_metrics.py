import numpy as np
import pytest

from harness.core.types import ExitCosts, ExitLogits
from harness.exits.confidences.max_softmax import MaxSoftmax
from harness.exits.decision import decide
from harness.frontier.metrics import calibration_error, network_metrics

# Answers of two exits on four samples of classes 0 0 1 1.
ANSWERS = np.array([[0, 1, 1, 0], [0, 0, 0, 0]])
LABELS = np.array([0, 0, 1, 1])
LOGITS = ExitLogits((8 * np.eye(2)[ANSWERS]).astype(np.float32), LABELS)
COSTS = ExitCosts(np.array([1.0, 4.0]), 4.0, np.array([1, 2]))


def test_figures_by_hand():
    found = network_metrics(
        LOGITS, decide(MaxSoftmax(), LOGITS, LOGITS), COSTS, np.array([1, 1, 1, 0]), 4.0
    )
    # Taken answers: 0 0 0 0.
    assert found["oa"] == 0.5
    assert found["aa"] == 0.5
    assert found["kappa"] == 0
    assert found["recall_macro"] == 0.5
    assert found["precision_macro"] == 0.25
    assert found["f1_weighted"] == pytest.approx(0.5 * (2 * 0.5 / 1.5))
    assert found["relative_cost"] == (3 * 4 + 1) / 4 / 4
    assert found["share_exit_1"] == 0.25
    assert found["accuracy_exit_1"] == 0.5
    # Sample 2 was right at exit 1 and left wrong; sample 0 was right before and stayed right.
    assert found["destructive_overthinking"] == 0.25
    assert found["wasteful_overthinking"] == 0.25
    assert found["oracle_accuracy"] == 0.75
    # First right exits: 1, 2, 1, none (counted as the first).
    assert found["oracle_relative_cost"] == (1 + 4 + 1 + 1) / 4 / 4


def test_calibration_error_of_certain_answers_is_the_share_of_mistakes():
    certain = ExitLogits((60 * np.eye(2)[ANSWERS]).astype(np.float32), LABELS)
    assert calibration_error(certain) == pytest.approx([0.5, 0.5])


def test_calibration_error_of_fair_coins_is_zero():
    logits = ExitLogits(np.zeros((1, 4, 2), dtype=np.float32), LABELS)
    assert calibration_error(logits) == pytest.approx([0.0], abs=1e-12)
