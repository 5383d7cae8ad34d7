import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import softmax
from sklearn.metrics import precision_recall_curve

from harness.core.types import ExitLogits
from harness.policies.max_softmax import MaxSoftmax
from harness.policies.per_class import PerClass


def one_exit(predicted, probabilities, labels=None):
    """Outputs of one exit on three classes: its predictions and their probabilities."""
    probabilities = np.array(probabilities)
    rest = (1 - probabilities) / 2
    values = np.repeat(rest[:, None], 3, axis=1)
    values[np.arange(len(rest)), predicted] = probabilities
    labels = predicted if labels is None else labels
    return ExitLogits(np.log(values)[None].astype(np.float32), np.array(labels))


def drawn(generator, samples, classes=3):
    """Outputs of three exits; probabilities of one digit, so that many are tied."""
    values = generator.dirichlet(np.full(classes, 0.7), (3, samples)).round(1)
    logits = np.log(values + 0.01).astype(np.float32)
    return ExitLogits(logits, generator.integers(classes, size=samples))


def brute_force(validation, index, label, probability):
    """The definition: every threshold up to the probability, one sample after the other."""
    levels = softmax(validation.values[index].astype(float), axis=-1)
    chosen = [
        (row.max(), row.argmax() == truth)
        for row, truth in zip(levels, validation.labels, strict=True)
        if row.argmax() == label
    ]
    best = 0.0
    for threshold, _ in chosen:
        if threshold <= probability:
            reaching = [correct for level, correct in chosen if level >= threshold]
            best = max(best, sum(reaching) / len(reaching))
    return best


def test_values_by_hand():
    # Class 0 from 0.5 on: wrong, correct, correct, wrong, correct. Precision from each on: 3/5,
    # 3/4, 2/3, 1/2, 1; its running maximum: 3/5, 3/4, 3/4, 3/4, 1. Class 1: wrong alone. Class 2:
    # none.
    validation = one_exit(
        [0, 0, 0, 0, 0, 1], [0.5, 0.6, 0.7, 0.8, 0.9, 0.9], labels=[1, 0, 0, 2, 0, 0]
    )
    asked = one_exit([0] * 7 + [1, 2], [0.45, 0.55, 0.6, 0.75, 0.85, 0.9, 0.95, 0.95, 0.99])
    found = PerClass().confidence(asked, validation)[0]
    assert found.tolist() == [0, 3 / 5, 3 / 4, 3 / 4, 3 / 4, 1, 1, 0, 0]


def test_tied_probabilities_share_one_threshold():
    validation = one_exit([0] * 4, [0.6, 0.8, 0.8, 0.8], labels=[0, 0, 1, 1])
    assert PerClass().confidence(validation, validation)[0].tolist() == [0.5] * 4


def test_one_certain_and_correct_sample_is_certain():
    validation = one_exit([0, 1], [0.999, 0.999], labels=[0, 0])
    assert PerClass().confidence(validation, validation).tolist() == [[1, 0]]


@given(st.integers(0, 2**31), st.integers(1, 40))
def test_against_the_definition(seed, samples):
    generator = np.random.default_rng(seed)
    validation, asked = drawn(generator, samples), drawn(generator, 15)
    found = PerClass().confidence(asked, validation)
    predicted = asked.values.argmax(-1)
    probability = softmax(asked.values.astype(float), axis=-1).max(-1)
    for index, sample in np.ndindex(found.shape):
        position = index, sample
        expected = brute_force(validation, index, predicted[position], probability[position])
        assert found[position] == pytest.approx(expected)


@pytest.mark.filterwarnings("ignore:No positive class")
def test_against_the_precision_of_scikit_learn():
    validation = drawn(np.random.default_rng(5), 300)
    found = PerClass().confidence(validation, validation)
    predicted = validation.values.argmax(-1)
    probability = MaxSoftmax().confidence(validation, validation)
    for index, label in np.ndindex(3, 3):
        chosen = predicted[index] == label
        correct, level = validation.labels[chosen] == label, probability[index, chosen]
        precision, _, thresholds = precision_recall_curve(correct, level)
        best = np.maximum.accumulate(precision[:-1])
        assert found[index, chosen] == pytest.approx(best[np.searchsorted(thresholds, level)])


@given(st.integers(0, 2**31), st.floats(0.05, 1))
def test_one_threshold_is_one_threshold_per_class(seed, threshold):
    generator = np.random.default_rng(seed)
    validation, asked = drawn(generator, 60), drawn(generator, 60)
    leaves = PerClass().confidence(asked, validation) >= threshold
    predicted = asked.values.argmax(-1)
    probability = MaxSoftmax().confidence(asked, asked)
    for index, label in np.ndindex(3, 3):
        chosen = predicted[index] == label
        left, stayed = leaves[index] & chosen, ~leaves[index] & chosen
        lowest = probability[index, left].min(initial=np.inf)
        assert lowest > probability[index, stayed].max(initial=-np.inf)


@given(st.integers(0, 2**31), st.floats(0.05, 1))
def test_what_leaves_has_the_precision_asked_for(seed, threshold):
    validation = drawn(np.random.default_rng(seed), 80)
    leaves = PerClass().confidence(validation, validation) >= threshold
    predicted = validation.values.argmax(-1)
    for index, label in np.ndindex(3, 3):
        left = leaves[index] & (predicted[index] == label)
        assert not left.any() or (validation.labels[left] == label).mean() >= threshold - 1e-12
