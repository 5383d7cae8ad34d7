"""What the package's policies for classes do with the softmax of the logits."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from harness.core.types import ExitLogits
from harness.policies import POLICIES
from harness.policies.predictions import apply_policy

SHAPE = (3, 5, 4)
# Eighths stay exact under a small shift: no two logits become equal, so that no prediction changes.
EIGHTHS = arrays(np.float32, SHAPE, elements=st.integers(-480, 480).map(lambda n: n / 8))
LABELS = arrays(np.int64, SHAPE[1], elements=st.integers(0, 3))
LOWEST = {"max_softmax": 0.25, "geometric_ensemble": 0.25, "margin": 0.0, "entropy": 0.0}
"""Confidence where all four classes are equally probable."""


def confidence(name, logits, labels=None):
    labels = np.zeros(logits.shape[1], dtype=np.int64) if labels is None else labels
    gates = np.random.default_rng(0).random(logits.shape[:2], dtype=np.float32)
    outputs = ExitLogits(logits, labels, gates)
    return apply_policy(POLICIES.get(name)(), outputs, outputs).confidence


@pytest.mark.parametrize("name", [*LOWEST, "patience", "per_class", "learned_gate"])
@settings(max_examples=40)
@given(logits=EIGHTHS, labels=LABELS)
def test_confidences_ignore_a_common_shift(name, logits, labels):
    found = confidence(name, logits, labels)
    shifted = confidence(name, logits + np.float32(3), labels)
    assert np.allclose(shifted, found, rtol=0, atol=1e-12)


@pytest.mark.parametrize(("name", "lowest"), LOWEST.items())
def test_certain_and_undecided(name, lowest):
    certain = np.array([[[500.0, 0, 0, 0]]], dtype=np.float32)
    assert confidence(name, certain)[0, 0] == pytest.approx(1)
    undecided = confidence(name, np.zeros((1, 1, 4), dtype=np.float32))[0, 0]
    assert undecided == pytest.approx(lowest, abs=1e-12)


def test_values_by_hand():
    logits = np.log(np.array([[[0.7, 0.2, 0.1]]], dtype=np.float32))
    found = {n: confidence(n, logits)[0, 0] for n in ("max_softmax", "margin", "entropy")}
    entropy = -(0.7 * np.log(0.7) + 0.2 * np.log(0.2) + 0.1 * np.log(0.1))
    assert found["max_softmax"] == pytest.approx(0.7)
    assert found["margin"] == pytest.approx(0.5)
    assert found["entropy"] == pytest.approx(1 - entropy / np.log(3))
