"""The frontier of logits from anywhere, against brute force."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import softmax

import harness
from harness.core.errors import InputError

COSTS = (1.0, 2.5, 4.0)


def network(seed, exits=3, samples=12, classes=4):
    generator = np.random.default_rng(seed)
    labels = generator.integers(0, classes, samples)
    logits = generator.normal(size=(exits, samples, classes))
    logits[:, np.arange(samples), labels] += np.linspace(0.5, 2, exits)[:, None]
    return logits.astype(np.float32), labels


def behaviours(confidence):
    """Every threshold vector that can matter: between any two confidences, below all, above all."""
    levels = [np.append(np.unique(row), np.inf) for row in confidence[:-1]]
    return itertools.product(*levels)


def leave(confidence, vector):
    """The exit of each sample, sample by sample."""
    return [
        next((e for e, t in enumerate(vector) if row[e] >= t), len(confidence) - 1)
        for row in confidence.T
    ]


def brute_force(logits, labels, costs):
    """The Pareto set {(cost, accuracy)} over all threshold vectors, one by one."""
    confidence = softmax(logits.astype(float), axis=-1).max(-1)
    correct = logits.argmax(-1) == labels
    points = set()
    for vector in behaviours(confidence):
        taken = leave(confidence, vector)
        paid = np.mean([costs[e] for e in taken])
        score = np.mean([correct[e, i] for i, e in enumerate(taken)])
        points.add((round(float(paid), 9), round(float(score), 9)))
    return sorted(
        (c, a)
        for c, a in points
        if not any(d <= c and b >= a and (d, b) != (c, a) for d, b in points)
    )


@settings(max_examples=25)
@given(st.integers(0, 10_000), st.integers(2, 3))
def test_it_is_the_pareto_set_of_all_thresholds(seed, exits):
    logits, labels = network(seed, exits)
    found = harness.frontier_of(logits, labels, COSTS[:exits], levels=14)
    assert [
        (round(c, 9), round(a, 9)) for c, a in zip(found["cost"], found["accuracy"], strict=True)
    ] == brute_force(logits, labels, COSTS[:exits])


def test_its_thresholds_do_what_it_says():
    logits, labels = network(1)
    confidence, correct = (
        softmax(logits.astype(float), axis=-1).max(-1),
        logits.argmax(-1) == labels,
    )
    found = harness.frontier_of(logits, labels, COSTS)
    assert list(found) == ["threshold_1", "threshold_2", "accuracy", "cost"]
    for row in found.itertuples():
        taken = leave(confidence, (row.threshold_1, row.threshold_2))
        assert np.mean([COSTS[e] for e in taken]) == pytest.approx(row.cost)
        assert np.mean(correct[taken, np.arange(len(taken))]) == pytest.approx(row.accuracy)


def test_another_policy_with_parameters():
    logits, labels = network(2, samples=40)
    own = harness.frontier_of(logits, labels, COSTS, policy="pcee:{bins: 5}")
    assert not own.equals(harness.frontier_of(logits, labels, COSTS))


def broken(**changes):
    logits, labels = network(3)
    return {"logits": logits, "labels": labels, "costs": COSTS, **changes}


def with_nan():
    logits, _ = network(3)
    logits[1, 4, 0] = np.nan
    return logits


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"logits": np.zeros((3, 4))}, r"^logits: real numbers of shape \[exits, samples, classes"),
        ({"logits": [["a"]]}, r"^logits: real numbers of shape"),
        ({"logits": network(3)[0][:1]}, "^logits: at least 2 exits are wanted, found 1"),
        ({"logits": network(3)[0][..., :1]}, "^logits: at least 2 classes are wanted, found 1"),
        ({"logits": with_nan()}, "^logits: finite numbers are wanted, .* at exit 2, sample 4"),
        ({"logits": network(3)[0].astype(float) * 1e300}, "^logits: finite numbers are wanted"),
        ({"labels": [0, 1]}, r"^labels: a whole number per sample, \[12\], is wanted, found int64"),
        ({"labels": np.zeros(12)}, r"^labels: a whole number per sample, .* found float64 \[12\]"),
        ({"labels": np.full(12, 9)}, "^labels: classes from 0 to 3 are wanted, found 9 to 9"),
        ({"costs": [1.0, 2.0]}, r"^costs: one number per exit, \[3\], is wanted, found float64"),
        ({"costs": [1.0, 3.0, 2.0]}, "^costs: numbers above 0 that rise from exit to exit"),
        ({"costs": [0.0, 3.0, np.inf]}, "^costs: numbers above 0"),
        ({"policy": "none"}, "unknown name 'none' in policies; known: "),
        ({"levels": 1_000_000}, "levels"),
    ],
)
def test_bad_input_is_refused_with_its_name(changes, message):
    with pytest.raises(InputError, match=message):
        harness.frontier_of(**broken(**changes))
