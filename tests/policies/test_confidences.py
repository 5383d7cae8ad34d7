"""What holds for every exit policy: its contract. What one gives beyond it has its own tests."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from harness.core.errors import InputError
from harness.core.parameters import build
from harness.core.types import ExitLogits
from harness.policies import POLICIES
from harness.policies.predictions import apply_policy

SHAPE = (3, 5, 4)
LOGITS = arrays(np.float32, SHAPE, elements=st.floats(-60, 60, width=32))
LABELS = arrays(np.int64, SHAPE[1], elements=st.integers(0, 3))
SEEDS = st.integers(0, 2**31)

OF_CLASSES = [n for n in POLICIES.names() if "classification" in POLICIES.get(n).tasks]
OF_VALUES = [n for n in POLICIES.names() if "regression" in POLICIES.get(n).tasks]


def outputs_of(logits, labels=None, seed=0):
    """Outputs as a network with gate heads gives them, with labels 0 unless given."""
    exits, samples, _ = logits.shape
    gates = np.random.default_rng(seed).random((exits, samples), dtype=np.float32)
    labels = np.zeros(samples, dtype=np.int64) if labels is None else labels
    return ExitLogits(logits, labels, gates)


def confidence(name, outputs, validation=None):
    return apply_policy(POLICIES.get(name)(), outputs, validation or outputs).confidence


@pytest.mark.parametrize("name", OF_CLASSES)
@settings(max_examples=40)
@given(logits=LOGITS, other=LOGITS, labels=LABELS)
def test_confidences_are_shares(name, logits, other, labels):
    found = confidence(name, outputs_of(logits), outputs_of(other, labels))
    assert found.shape == SHAPE[:2]
    assert found.dtype == np.float64
    assert found.min() >= 0
    assert found.max() <= 1


@pytest.mark.parametrize("name", OF_CLASSES)
@settings(max_examples=40)
@given(logits=LOGITS, labels=LABELS, other=LABELS)
def test_labels_of_the_routed_samples_are_not_used(name, logits, labels, other):
    validation = outputs_of(logits, labels)
    found = confidence(name, outputs_of(logits, other), validation)
    assert np.array_equal(found, confidence(name, outputs_of(logits, labels), validation))


@pytest.mark.parametrize("name", OF_CLASSES)
@settings(max_examples=40)
@given(logits=LOGITS, labels=LABELS, seed=SEEDS)
def test_permuting_samples_permutes_predictions(name, logits, labels, seed):
    outputs, policy = outputs_of(logits, labels), POLICIES.get(name)()
    order = np.random.default_rng(seed).permutation(SHAPE[1])
    permuted = ExitLogits(logits[:, order], labels[order], outputs.gates[:, order])
    found = apply_policy(policy, outputs, outputs)
    moved = apply_policy(policy, permuted, permuted)
    assert np.allclose(moved.confidence, found.confidence[:, order], rtol=0, atol=1e-12)
    assert np.array_equal(moved.predicted, found.predicted[:, order])


@pytest.mark.parametrize("name", OF_CLASSES)
@settings(max_examples=40)
@given(logits=LOGITS, deeper=LOGITS, known=st.integers(1, 2))
def test_an_exit_does_not_depend_on_deeper_ones(name, logits, deeper, known):
    outputs, policy = outputs_of(logits), POLICIES.get(name)()
    changed = outputs_of(np.concatenate([logits[:known], deeper[known:]]), seed=1)
    gates = np.concatenate([outputs.gates[:known], changed.gates[known:]])
    changed = dataclasses.replace(changed, gates=gates)
    found = apply_policy(policy, outputs, outputs)
    other = apply_policy(policy, changed, changed)
    assert np.array_equal(other.confidence[:known], found.confidence[:known])
    assert np.array_equal(other.predicted[:known], found.predicted[:known])


VALUES = arrays(np.float32, SHAPE, elements=st.floats(-60, 60, width=32))
TARGETS = arrays(np.float32, (SHAPE[1], 2), elements=st.floats(-5, 5, width=32))


@pytest.mark.parametrize("name", OF_VALUES)
@settings(max_examples=40)
@given(values=VALUES, targets=TARGETS, other=TARGETS, seed=SEEDS)
def test_decisions_about_real_values(name, values, targets, other, seed):
    """In [0, 1], blind to the labels and to deeper exits, sample by sample."""
    outputs, policy = ExitLogits(values, targets), POLICIES.get(name)()
    found = apply_policy(policy, outputs, outputs)
    assert found.confidence.shape == SHAPE[:2]
    assert found.confidence.min() >= 0
    assert found.confidence.max() <= 1
    unseen = apply_policy(policy, ExitLogits(values, other), outputs)
    assert np.array_equal(unseen.confidence, found.confidence)
    order = np.random.default_rng(seed).permutation(SHAPE[1])
    permuted = ExitLogits(values[:, order], targets[order])
    moved = apply_policy(policy, permuted, permuted)
    assert np.allclose(moved.confidence, found.confidence[:, order], rtol=0, atol=1e-12)
    assert np.array_equal(moved.predicted, found.predicted[:, order])
    shallow = ExitLogits(values[:2], targets)
    first = apply_policy(policy, shallow, shallow)
    assert np.array_equal(first.confidence, found.confidence[:2])


@pytest.mark.parametrize("name", POLICIES.names())
def test_outputs_of_another_task_are_refused(name):
    classes = outputs_of(np.zeros(SHAPE, dtype=np.float32))
    values = ExitLogits(classes.values, np.zeros((SHAPE[1], 2), dtype=np.float32))
    tasks = POLICIES.get(name).tasks
    for given_, task in ((classes, "classification"), (values, "regression")):
        if task not in tasks:
            message = f"policy {name} is for .*, found the outputs of a {task}"
            with pytest.raises(InputError, match=message):
                apply_policy(POLICIES.get(name)(), given_, given_)


@pytest.mark.parametrize("name", POLICIES.names())
def test_calibration_is_accepted_or_refused_with_the_reason(name):
    plugin = POLICIES.get(name)
    if plugin.uncalibrated_because:
        with pytest.raises(InputError, match=f"policy {name}: calibrated: .*; leave it out"):
            build(plugin, {"calibrated": True}, "policy")
    else:
        assert build(plugin, {"calibrated": True}, "policy").calibrated
