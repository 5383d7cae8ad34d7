import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.core.types import ExitLogits
from harness.policies.max_softmax import MaxSoftmax
from harness.policies.pcee import PCEE
from harness.policies.predictions import apply_policy


def outputs_of(probability, correct):
    """Exits [E, N] that predict class 0 of two with these probabilities, where they are right."""
    probability = np.atleast_2d(probability)
    values = np.log(np.stack([probability, 1 - probability], axis=-1)).astype(np.float32)
    return ExitLogits(values, np.where(correct, 0, 1).astype(np.int64))


def test_bins_by_hand():
    # Two bins of three: 1/3 right below 0.8, 2/3 right from there on.
    known = outputs_of([0.9, 0.6, 0.8, 0.7, 0.95, 0.75], np.array([1, 0, 0, 1, 1, 0], dtype=bool))
    asked = outputs_of([0.55, 0.79, 0.81, 0.99], np.ones(4, dtype=bool))
    assert PCEE(bins=2).confidence(asked, known)[0] == pytest.approx([1 / 3, 1 / 3, 2 / 3, 2 / 3])


def test_an_overconfident_range_is_trusted_less_than_a_lower_one():
    probability = np.linspace(0.55, 0.99, 40)
    correct = np.arange(40) < 30  # the most confident quarter is wrong
    known = outputs_of(probability, correct)
    assert PCEE(bins=4).confidence(known, known)[0, [0, -1]].tolist() == [1.0, 0.0]


def test_one_bin_is_the_exit_s_accuracy_and_many_are_each_sample_s_own():
    generator = np.random.default_rng(0)
    known = ExitLogits(generator.normal(size=(3, 50, 4)).astype(np.float32), np.arange(50) % 4)
    correct = known.values.argmax(-1) == known.labels
    whole = PCEE(bins=1).confidence(known, known)
    assert np.allclose(whole, correct.mean(1)[:, None])
    assert np.array_equal(PCEE(bins=50).confidence(known, known), correct)
    assert np.array_equal(PCEE(bins=1000).confidence(known, known), correct)


@given(st.data(), st.integers(1, 7), st.integers(1, 12), st.integers(0, 2**31))
def test_bins_by_brute_force(data, bins, samples, seed):
    levels = st.sampled_from([0.5, 0.6, 0.7, 0.8, 0.9])  # few, so that many are equal
    known = outputs_of(
        data.draw(st.lists(levels, min_size=samples, max_size=samples)),
        np.random.default_rng(seed).random(samples) < 0.5,
    )
    asked = outputs_of(data.draw(st.lists(levels, min_size=3, max_size=3)), np.ones(3, dtype=bool))
    found = PCEE(bins=bins).confidence(asked, known)[0]
    probability, wanted = (MaxSoftmax().confidence(each, each)[0] for each in (known, asked))
    correct = known.values.argmax(-1)[0] == known.labels
    ranked = sorted(probability)
    starts = sorted({ranked[m * samples // bins] for m in range(bins)})
    for confidence, value in zip(found, wanted, strict=True):
        start = max([s for s in starts if s <= value], default=starts[0])
        end = min([s for s in starts if s > start], default=2.0)
        inside = (probability >= start) & (probability < end)
        assert confidence == pytest.approx(correct[inside].mean())


def test_temperatures_change_the_bins_that_samples_fall_in():
    generator = np.random.default_rng(0)
    values = generator.normal(size=(1, 400, 3)).astype(np.float32) * 4
    known = ExitLogits(values, generator.integers(0, 3, 400))
    plain, scaled = (apply_policy(PCEE(calibrated=c), known, known) for c in (False, True))
    assert np.array_equal(plain.predicted, scaled.predicted)
    assert plain.confidence.mean() == pytest.approx(scaled.confidence.mean())  # the accuracy
    assert not np.array_equal(plain.confidence, scaled.confidence)
