"""Paired statistics against enumeration and published values."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import t, wilcoxon

from harness.core.errors import InputError
from harness.statistics.paired import (
    estimate,
    holm,
    seeds_needed,
    signed_rank_p,
    significant,
    smallest_p,
)

REPEATS = 2000
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


def enumerated(differences):
    """p of the signed-rank test by going through all signs of the differences that are not 0."""
    size = np.abs(differences)
    # Mean ranks counted by hand: smaller ones, and half of the equal ones, zeros among them.
    ranks = np.array([(size < x).sum() + ((size == x).sum() + 1) / 2 for x in size])
    ranks, signs = ranks[differences != 0], differences[differences != 0] > 0
    middle = ranks.sum() / 2
    found = abs(ranks[signs].sum() - middle)
    every = [
        abs(ranks[np.array(each, dtype=bool)].sum() - middle)
        for each in itertools.product([False, True], repeat=len(ranks))
    ]
    return np.mean(np.array(every) >= found)


@given(st.lists(st.integers(-4, 4), min_size=2, max_size=9))
def test_signed_rank_p_against_all_signs_with_ties_and_zeros(values):
    differences = np.array(values, dtype=float)
    assert signed_rank_p(differences) == pytest.approx(enumerated(differences), abs=1e-12)


@given(st.integers(0, 2**31), st.integers(2, 50))
def test_without_ties_it_is_scipys_exact_test(seed, size):
    differences = np.random.default_rng(seed).normal(size=size)
    expected = wilcoxon(differences, method="exact").pvalue
    assert signed_rank_p(differences) == pytest.approx(expected, abs=1e-12)


def test_under_the_null_no_level_is_exceeded_with_ties_and_zeros():
    """Of all signs of some tied sizes, at most a share alpha has p <= alpha."""
    sizes = np.array([0.0, 1, 1, 1, 2, 2, 3, 3])
    signs = itertools.product([-1, 1], repeat=len(sizes))
    found = np.array([signed_rank_p(sizes * np.array(each)) for each in signs])
    for level in np.unique(found):
        assert (found <= level + 1e-12).mean() <= level + 1e-12


@pytest.mark.parametrize("size", range(2, 9))
def test_the_smallest_p_is_that_of_differences_of_one_sign(size):
    assert signed_rank_p(np.arange(1.0, size + 1)) == pytest.approx(smallest_p(size))


def test_too_few_or_equal_pairs():
    assert signed_rank_p(np.array([0.3])) is None
    assert smallest_p(1) is None
    assert signed_rank_p(np.zeros(4)) == 1
    assert signed_rank_p(np.array([0.0, 0.2, 0.3])) == 0.5


@pytest.mark.parametrize("tests", [1, 6, 13, 91])
def test_the_seeds_needed_are_the_fewest_whose_smallest_p_survives_holm(tests):
    needed = seeds_needed(tests)
    assert tests * smallest_p(needed) <= 0.05
    assert tests * smallest_p(needed - 1) > 0.05
    assert holm([smallest_p(needed)] * tests)[0] <= 0.05


@given(st.integers(0, 2**31), st.integers(1, 6))
def test_intervals_hold_the_estimate_and_repeat(seed, seeds):
    values = resampled(np.random.default_rng(seed), seeds)
    found = estimate(values, np.zeros(seeds, dtype=int))
    assert found.low <= found.mean <= found.high
    assert found.mean == pytest.approx(values[:, 0].mean())
    assert estimate(values, np.zeros(seeds, dtype=int)) == found


def test_one_seed_gives_the_sampling_of_test_data_alone_and_says_so():
    values = resampled(np.random.default_rng(0), 1)
    found = estimate(values, np.array([0]))
    half = 1.959964 * values[0, 1:].std(ddof=1)
    assert (found.low, found.high) == pytest.approx((values[0, 0] - half, values[0, 0] + half))
    assert found.interval_of == "test samples"
    two = estimate(resampled(np.random.default_rng(0), 2), np.array([0, 0]))
    assert two.interval_of == "seeds and test samples"
    # A study of one seed beside one of two: nothing is known of how its seeds vary.
    assert estimate(np.vstack([values] * 3), np.array([0, 0, 1])).interval_of == "test samples"


def test_seeds_that_differ_widen_the_interval():
    generator = np.random.default_rng(0)
    groups = np.zeros(5, dtype=int)
    narrow, wide = (resampled(generator, 5, spread=spread) for spread in (0, 0.1))
    widths = [found.high - found.low for found in (estimate(v, groups) for v in (narrow, wide))]
    assert widths[1] > 3 * widths[0]


def test_two_levels_add_up():
    """The variance of seeds / n plus that which a resample of the test part shares; t on n - 1."""
    generator = np.random.default_rng(1)
    seeds = 0.1 * generator.normal(size=(5, 1))
    shared = 0.03 * generator.normal(size=(1, 400))
    found = estimate(np.hstack([seeds, seeds + shared]), np.zeros(5, dtype=int))
    expected = 2 * t.ppf(0.975, 4) * np.sqrt(seeds.var(ddof=1) / 5 + shared.var(ddof=1))
    assert found.high - found.low == pytest.approx(expected)


def test_what_a_resample_does_to_each_seed_for_itself_counts_once():
    """It is in the variance between seeds already."""
    generator = np.random.default_rng(2)
    own = generator.normal(size=(8, 20_001))
    values = np.hstack([own[:, :1], own[:, :1] + own[:, 1:]])
    found = estimate(values, np.zeros(8, dtype=int))
    alone = 2 * t.ppf(0.975, 7) * own[:, 0].std(ddof=1) / np.sqrt(8)
    assert found.high - found.low == pytest.approx(alone, rel=0.02)


@pytest.mark.parametrize("seeds", [2, 3, 5, 10, 20])
@pytest.mark.parametrize("spread", [(1, 0.1, 0.1), (0.1, 0.1, 1)])
def test_intervals_cover_what_they_promise(seeds, spread):
    """`benchmarks/interval_coverage.py` in small: the mean of all seeds and samples is 0."""
    generator = np.random.default_rng([seeds, *(round(10 * x) for x in spread)])
    of_seed, shared, own = spread
    covered = 0
    for _ in range(REPEATS):
        samples = shared * generator.normal(size=101) + own * generator.normal(size=(seeds, 101))
        plain = of_seed * generator.normal(size=(seeds, 1)) + samples[:, :1]
        found = estimate(np.hstack([plain, plain + samples[:, 1:]]), np.zeros(seeds, dtype=int))
        covered += found.low <= 0 <= found.high
    assert 0.94 <= covered / REPEATS <= 1


def test_seeds_vary_within_their_study_only():
    """Two studies far apart: the difference between them is no variance of seeds."""
    values = np.repeat([[0.1], [0.1], [0.9], [0.9]], 50, axis=1)
    found = estimate(values, np.array([0, 0, 1, 1]))
    assert (found.low, found.mean, found.high) == pytest.approx((0.5, 0.5, 0.5))


def test_no_seed_is_refused():
    with pytest.raises(InputError, match="found no seed, at least one"):
        estimate(np.empty((0, 5)), np.empty(0, dtype=int))


@pytest.mark.parametrize(
    ("p", "expected"), [(None, False), (0.0625, False), (0.05, False), (0.0312, True)]
)
def test_a_difference_is_significant_below_5_percent(p, expected):
    assert significant(p) == expected
