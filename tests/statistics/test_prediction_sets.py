import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from harness.core.errors import InputError
from harness.core.types import ExitLogits
from harness.statistics.prediction_sets import (
    anytime_sets,
    conformal_sets,
    resampled_coverage,
    running_intersection,
    set_quality,
)


def outputs(probability, labels):
    """Outputs whose softmax is the given probabilities [E, N, K]."""
    return ExitLogits(np.log(np.array(probability)).astype(np.float32), np.array(labels))


def network(samples, seed, exits=3, classes=5):
    generator = np.random.default_rng(seed)
    labels = generator.integers(0, classes, samples)
    values = generator.normal(size=(exits, samples, classes))
    values[:, np.arange(samples), labels] += np.arange(1, exits + 1)[:, None]
    return ExitLogits(values.astype(np.float32), labels)


def test_conformal_sets_by_hand():
    # Scores .1 .2 .3 .4; at alpha = .4 the bound is the third of them: ceil(5 * .6).
    labelled = np.array([0.9, 0.8, 0.7, 0.6])
    calibration = outputs([np.column_stack([labelled, 1 - labelled])], [0, 0, 0, 0])
    new = outputs([[[0.75, 0.25], [0.65, 0.35], [0.2, 0.8]]], [0, 0, 0])
    found = conformal_sets(calibration, new, 0.4)
    assert found.tolist() == [[[True, False], [False, False], [False, True]]]
    # The fifth of four scores would be needed: every class stays in.
    assert conformal_sets(calibration, new, 0.1).all()


def test_the_bound_itself_is_in_the_set():
    data = network(9, 0, exits=1)
    held = set_quality(conformal_sets(data, data, 0.3), data.labels).coverage
    assert held == pytest.approx([7 / 9])  # exactly the seventh of ten


def test_quality_by_hand():
    sets = np.array(
        [
            [[1, 1, 0], [1, 0, 0], [0, 0, 0]],
            [[1, 0, 1], [0, 1, 0], [0, 0, 0]],
            [[1, 1, 1], [0, 0, 0], [1, 1, 0]],
        ],
        dtype=bool,
    )
    found = set_quality(sets, np.array([0, 0, 1]))
    assert found.coverage == pytest.approx([2 / 3, 1 / 3, 2 / 3])
    assert found.size == pytest.approx([1, 1, 5 / 3])
    # Second exit: 1 of 2; none of 1; both empty. Third: 1 of 3; both empty; none of 2.
    assert found.nestedness == pytest.approx([1, (1 / 2 + 0 + 1) / 3, (1 / 3 + 1 + 0) / 3])


@given(st.integers(0, 2**31), st.sampled_from([0.05, 0.2, 0.5]))
def test_running_intersections_are_nested_and_no_larger(seed, alpha):
    data = network(40, seed)
    for sets in (conformal_sets(data, data, alpha), anytime_sets(data, alpha, seed)):
        nested = running_intersection(sets)
        for exit_index in range(3):
            assert np.array_equal(nested[exit_index], sets[: exit_index + 1].all(0))
        assert (set_quality(nested, data.labels).nestedness == 1).all()


@pytest.mark.parametrize("seed", [0, 1])
def test_the_intersection_covers_within_the_union_bound(seed):
    data = network(4000, seed)
    calibration = ExitLogits(data.values[:, :2000], data.labels[:2000])
    new = ExitLogits(data.values[:, 2000:], data.labels[2000:])
    sets = conformal_sets(calibration, new, 0.1)
    own = set_quality(sets, new.labels).coverage
    nested = set_quality(running_intersection(sets), new.labels).coverage
    slack = 4 * math.sqrt(0.1 * 0.9 * (1 / 2000 + 1 / 2000))
    assert np.abs(own - 0.9).max() < slack
    assert (nested >= 1 - 0.1 * np.arange(1, 4) - 3 * slack).all()
    assert (np.diff(nested) < 0).all()


@pytest.mark.parametrize(("first", "second"), [(2.0, 3.0), (0.05, 0.4), (1e-3, 5.0)])
def test_anytime_sets_against_the_beta_distribution(first, second):
    samples, alpha = 20_000, 0.2
    values = np.tile(np.array([first, second, -1.0], dtype=np.float32), (1, samples, 1))
    shares = anytime_sets(ExitLogits(values, np.zeros(samples, int)), alpha).mean(1)[0]
    # With two classes left the draw is Beta distributed, and y stays in if it is >= alpha mean.
    for share, own, other in ((shares[0], first, second), (shares[1], second, first)):
        expected = stats.beta.sf(alpha * own / (first + second), own, other)
        slack = 4 * math.sqrt(expected * (1 - expected) / samples) + 1e-9
        assert share == pytest.approx(expected, abs=slack)
    assert shares[2] == 0


def test_anytime_sets_without_a_choice():
    values = np.array([[[3, -1, -2], [-1, -1, 0]], [[2, 5, -1], [1, 1, 1]]], dtype=np.float32)
    sets = anytime_sets(ExitLogits(values, np.array([0, 0])), 0.05)
    assert sets[0].tolist() == [[True, False, False], [False, False, False]]
    # A class cut once stays out: the second exit's own logits are positive.
    assert not sets[1, 0, 1:].any()
    assert not sets[1, 1].any()


def test_anytime_ratios_multiply_over_exits():
    # Two classes, one exit twice: in logarithms the ratios add, and their sum has a mean of its
    # own, so that the share below the bound must agree with plain draws of two Dirichlets.
    samples, alpha, weight = 20_000, 0.5, np.array([1.0, 2.0])
    values = np.tile(weight.astype(np.float32), (2, samples, 1))
    share = anytime_sets(ExitLogits(values, np.zeros(samples, int)), alpha)[1].mean(0)
    draws = np.random.default_rng(1).dirichlet(weight, size=(2, samples))
    ratio = (weight / 3 / draws).prod(0)
    assert share == pytest.approx((ratio <= 1 / alpha).mean(0), abs=0.02)


@pytest.mark.parametrize("alpha", [0.1, 0.25])
def test_resampled_coverage_against_the_negative_hypergeometric(alpha):
    data, resamples = network(400, 3), 400
    found = resampled_coverage(data, alpha, resamples=resamples)
    # How many of 200 test scores lie below the rank-th of 200 calibration scores.
    rank = math.ceil(201 * (1 - alpha))
    exact = stats.nhypergeom(400, 200, rank)
    slack = 4 * exact.std() / 200 / math.sqrt(resamples)
    assert found.mean == pytest.approx(rank / 201, abs=slack)
    assert found.low == pytest.approx(exact.ppf(0.025) / 200, abs=0.015)
    assert found.high == pytest.approx(exact.ppf(0.975) / 200, abs=0.015)
    nested = resampled_coverage(data, alpha, intersected=True, resamples=resamples)
    assert nested.mean[0] == found.mean[0]
    assert (nested.mean[1:] < found.mean[1:]).all()


def test_coverage_needs_samples_that_chose_no_network():
    """Of 18 equal networks the one with the smallest sets on validation is miscalibrated there."""
    runs, samples, alpha = 60, 150, 0.1
    networks = [network(3000, seed, exits=1) for seed in range(18)]

    def coverage(data, calibration, test):
        sets = conformal_sets(rows(data, calibration), rows(data, test), alpha)
        found = set_quality(sets, data.labels[test])
        return found.coverage[0], found.size[0]

    def rows(data, index):
        return ExitLogits(data.values[:, index], data.labels[index])

    generator, found = np.random.default_rng(2), np.empty((runs, 2))
    for run in range(runs):
        parts = np.split(generator.permutation(3000), [samples, 2 * samples])
        validation, calibration, test = parts
        sizes = [coverage(data, validation, validation)[1] for data in networks]
        best = networks[int(np.argmin(sizes))]
        found[run] = [coverage(best, part, test)[0] for part in (validation, calibration)]
    error = 3 * found.std(0) / math.sqrt(runs)
    chosen, held_out = found.mean(0)
    assert chosen + error[0] < 1 - alpha
    assert held_out + error[1] >= 1 - alpha


def test_inputs_are_left_alone():
    data = network(30, 0)
    for array in (data.values, data.labels):
        array.flags.writeable = False
    sets = conformal_sets(data, data, 0.1)
    sets.flags.writeable = False
    set_quality(running_intersection(sets), data.labels)
    anytime_sets(data, 0.1)
    resampled_coverage(data, 0.1, resamples=3)


@pytest.mark.parametrize("alpha", [0, 1, -0.1])
def test_a_level_out_of_range_is_refused(alpha):
    data = network(10, 0)
    for call in (lambda: conformal_sets(data, data, alpha), lambda: anytime_sets(data, alpha)):
        with pytest.raises(InputError, match="must lie between 0 and 1"):
            call()


def test_too_few_samples_are_refused():
    with pytest.raises(InputError, match="found 1 samples and 200 resamples"):
        resampled_coverage(network(1, 0), 0.1)
