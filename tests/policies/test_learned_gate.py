import numpy as np
import pytest

from harness.core.errors import InputError
from harness.core.types import ExitLogits
from harness.policies.learned_gate import LearnedGatePolicy
from harness.policies.predictions import apply_policy

GATES = np.array([[0.25, 1.0, 0.5], [0.0, 0.75, 1.0]], dtype=np.float32)
LOGITS = np.random.default_rng(0).normal(size=(2, 3, 4)).astype(np.float32)
LABELS = np.array([0, 1, 2])


def test_the_gates_are_the_confidence():
    outputs = ExitLogits(LOGITS, LABELS, GATES)
    found = apply_policy(LearnedGatePolicy(), outputs, outputs)
    assert found.confidence.tolist() == GATES.tolist()
    assert found.predicted.tolist() == LOGITS.argmax(-1).tolist()


def test_a_network_without_gates_is_refused():
    outputs = ExitLogits(LOGITS, LABELS)
    needs = "policy learned_gate needs a network trained with the regime learned_gate"
    with pytest.raises(InputError, match=needs):
        apply_policy(LearnedGatePolicy(), outputs, ExitLogits(LOGITS, LABELS, GATES))
