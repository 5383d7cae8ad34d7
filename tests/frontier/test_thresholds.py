import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.core.errors import InputError
from harness.frontier.thresholds import (
    MOST_LEVELS,
    check_levels,
    default_levels,
    threshold_levels,
    threshold_table,
)
from harness.policies.routing import route

EXITS = st.integers(2, 5)


@st.composite
def networks(draw, exits=EXITS):
    e, n = draw(exits), draw(st.integers(1, 30))
    generator = np.random.default_rng(draw(st.integers(0, 2**31)))
    confidence = generator.random((e, n))
    if draw(st.booleans()):
        confidence = confidence.round(1)
    correct = generator.random((e, n)) < draw(st.floats(0, 1))
    if draw(st.booleans()):  # scores of a regression: at most 1, and without a lower bound
        correct = 1 - generator.chisquare(1, (e, n))
    costs = np.cumsum(generator.integers(1, 9, e)).astype(float)
    return confidence, correct, costs


@settings(max_examples=60)
@given(networks(), st.integers(2, 6))
def test_every_vector_of_the_grid_against_brute_force(network, size):
    confidence, correct, costs = network
    levels = threshold_levels(confidence, size)
    table = threshold_table(confidence, correct, costs, levels)
    samples = np.arange(confidence.shape[1])
    assert table.accuracy.shape == (size,) * (len(confidence) - 1)
    for index in itertools.product(range(size), repeat=len(confidence) - 1):
        vector = levels[np.arange(len(levels)), index]
        taken = route(confidence, vector)
        assert table.accuracy[index] == pytest.approx(correct[taken, samples].mean(), abs=1e-12)
        assert table.cost[index] == pytest.approx(costs[taken].mean(), rel=1e-12)


@given(networks(exits=st.just(1)))
def test_one_exit_is_one_point(network):
    confidence, correct, costs = network
    table = threshold_table(confidence, correct, costs, threshold_levels(confidence, 5))
    assert table.accuracy.shape == ()
    assert table.accuracy == pytest.approx(correct.mean())
    assert table.cost == pytest.approx(costs[0])


@given(networks())
def test_enough_levels_part_every_two_observed_confidences_halfway(network):
    confidence = network[0]
    levels = threshold_levels(confidence, confidence.shape[1] + 1)
    for row, values in zip(levels, confidence[:-1], strict=True):
        observed = np.unique(values)
        expected = (np.concatenate([[0.0], observed[:-1]]) + observed) / 2
        assert np.unique(row[:-1]).tolist() == expected.tolist()
    assert np.isinf(levels[:, -1]).all()


def test_neighbours_too_close_to_be_parted_keep_the_upper_as_level():
    confidence = np.array([[0.5, np.nextafter(0.5, 1), 0.0], [1.0, 1.0, 1.0]])
    levels = threshold_levels(confidence, 4)[0]
    assert levels.tolist() == [0.0, 0.25, np.nextafter(0.5, 1), np.inf]


@pytest.mark.parametrize("exits", range(1, 9))
def test_default_grids_have_about_a_million_vectors(exits):
    levels = default_levels(exits)
    check_levels(levels, exits)
    assert levels == MOST_LEVELS if exits < 3 else 0.8e6 < levels ** (exits - 1) < 1.1e6
    assert exits != 3 or levels == 1000


@pytest.mark.parametrize(
    ("exits", "most"), [(1, 20_000), (2, 20_000), (3, 10_000), (4, 464), (5, 100), (8, 13)]
)
def test_tables_beyond_the_memory_are_refused_with_the_most_levels(exits, most):
    check_levels(most, exits)
    assert exits < 3 or (most + 1) ** (exits - 1) > 1e8
    if exits > 2:
        with pytest.raises(
            InputError, match=rf"at {exits} exits make .* give at most {most} levels"
        ):
            check_levels(most + 1, exits)


@given(st.integers(0, 2**31), st.sampled_from([2, 3, 4]))
def test_scores_of_zero_and_one_are_counted_exactly(seed, exits):
    generator = np.random.default_rng(seed)
    confidence = generator.random((exits, 37)).round(1)
    correct = generator.random((exits, 37)) < 0.6
    levels, costs = threshold_levels(confidence, 5), np.arange(1.0, exits + 1)
    table = threshold_table(confidence, correct, costs, levels)
    other = threshold_table(confidence, correct.astype(float), costs, levels)
    assert np.array_equal(table.accuracy, other.accuracy)
    whole = np.rint(table.accuracy * 37)
    assert np.array_equal(table.accuracy, whole / 37)
