"""Paired statistics against enumeration and published values."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.core.errors import InputError
from harness.statistics.paired import estimate, holm, signed_rank_p, smallest_p

P = st.lists(st.one_of(st.none(), st.floats(0, 1)), max_size=12)


def resampled(generator, seeds, replicates=400, spread=0.02, noise=0.01):
    """Values of seeds that differ by `spread`, and replicates by `noise` around them."""
    values = 0.5 + spread * generator.normal(size=(seeds, 1))
    return np.hstack([values, values + noise * generator.normal(size=(seeds, replicates))])


def test_holm_by_a_known_table():
    """Holm's own way through 4 tests: R's p.adjust(c(0.01, 0.04, 0.03, 0.005), "holm")."""
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([0.25] * 91) == [1.0] * 91
    assert holm([None, 0.2, None]) == [None, 0.2, None]
    assert holm([]) == []


@given(P)
def test_holm_keeps_order_and_lies_between_p_and_bonferroni(values):
    found = holm(values)
    tested = [(p, q) for p, q in zip(values, found, strict=True) if p is not None]
    assert [q is None for q in found] == [p is None for p in values]
    assert all(p <= q <= min(1, len(tested) * p) + 1e-12 for p, q in tested)
    adjusted = [q for _, q in sorted(tested)]
    assert adjusted == sorted(adjusted)


@given(st.integers(0, 2**31), st.integers(2, 7))
def test_signed_rank_p_against_all_signs(seed, size):
    differences = np.random.default_rng(seed).normal(size=size)
    ranks = np.abs(differences).argsort().argsort() + 1
    middle = ranks.sum() / 2
    found = abs(ranks[differences > 0].sum() - middle)
    every = [
        abs(ranks[np.array(signs)].sum() - middle)
        for signs in itertools.product([False, True], repeat=size)
    ]
    assert signed_rank_p(differences) == pytest.approx(np.mean(np.array(every) >= found - 1e-9))


@pytest.mark.parametrize("size", range(2, 9))
def test_the_smallest_p_is_that_of_differences_of_one_sign(size):
    assert signed_rank_p(np.arange(1.0, size + 1)) == pytest.approx(smallest_p(size))


def test_too_few_or_equal_pairs():
    assert signed_rank_p(np.array([0.3])) is None
    assert smallest_p(1) is None
    assert signed_rank_p(np.zeros(4)) == 1
    assert signed_rank_p(np.array([0.0, 0.2, 0.3])) == 0.5


@given(st.integers(0, 2**31), st.integers(1, 6))
def test_intervals_hold_the_estimate_and_repeat(seed, seeds):
    values = resampled(np.random.default_rng(seed), seeds)
    found = estimate(values, np.zeros(seeds, dtype=int))
    assert found.low <= found.mean <= found.high
    assert found.mean == pytest.approx(values[:, 0].mean())
    assert estimate(values, np.zeros(seeds, dtype=int)) == found


def test_one_seed_gives_the_sampling_of_test_data_alone():
    values = resampled(np.random.default_rng(0), 1)
    found = estimate(values, np.array([0]))
    assert (found.low, found.high) == pytest.approx(np.quantile(values[0, 1:], [0.025, 0.975]))


def test_seeds_that_differ_widen_the_interval():
    generator = np.random.default_rng(0)
    groups = np.zeros(5, dtype=int)
    narrow, wide = (resampled(generator, 5, spread=spread) for spread in (0, 0.1))
    widths = [found.high - found.low for found in (estimate(v, groups) for v in (narrow, wide))]
    assert widths[1] > 3 * widths[0]


def test_two_levels_add_up():
    """With many seeds the resampled means vary as seeds / n plus what a test resample shares."""
    generator = np.random.default_rng(1)
    seeds = 0.1 * generator.normal(size=(40, 1))
    shared = 0.03 * generator.normal(size=(1, 4000))
    values = np.hstack([seeds, seeds + shared])
    found = estimate(values, np.zeros(40, dtype=int))
    expected = 2 * 1.96 * np.sqrt(seeds.var() / 40 + shared.var())
    assert found.high - found.low == pytest.approx(expected, rel=0.05)


def test_seeds_are_drawn_within_their_study_only():
    """Two studies far apart: drawn across, their mean would vary."""
    values = np.repeat([[0.1], [0.1], [0.9], [0.9]], 50, axis=1)
    found = estimate(values, np.array([0, 0, 1, 1]))
    assert (found.low, found.mean, found.high) == pytest.approx((0.5, 0.5, 0.5))


def test_no_seed_is_refused():
    with pytest.raises(InputError, match="found no seed, at least one"):
        estimate(np.empty((0, 5)), np.empty(0, dtype=int))
