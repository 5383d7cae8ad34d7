import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.core.errors import InputError
from harness.core.settings import Between, OneOf
from harness.study.dimensions import Fixed, count, dimension, every_value, probes


def ranged(whole=False, **fields):
    return dimension(Between(**fields), whole, "here")


def test_a_whole_numbered_parameter_draws_whole_numbers_whatever_the_distribution():
    for distribution in ("uniform", "log_uniform_values", "int_uniform"):
        found = ranged(True, min=16, max=64, distribution=distribution)
        assert (found.whole, count(found, 1)) == (True, 49)
        assert {type(value) for value in probes(found, 1)} == {int}
    with pytest.raises(InputError, match=r"here: takes whole numbers, found min 0.5"):
        ranged(True, min=0.5, max=3)
    assert not ranged(min=0, max=1).whole


def test_steps_stop_at_the_last_value_inside():
    found = ranged(min=0, max=1, distribution="q_uniform", q=0.3)
    assert every_value(found) == pytest.approx([0, 0.3, 0.6, 0.9])
    assert every_value(ranged(True, min=16, max=64, step=16)) == [16, 32, 48, 64]
    assert every_value(ranged(min=0, max=1, step=0.1)) == pytest.approx([i / 10 for i in range(11)])
    assert count(ranged(min=0, max=3, distribution="q_uniform"), 1) == 4  # W&B's q is 1


def test_counts():
    assert count(Fixed(3), 1) == 1
    assert count(dimension(OneOf(values=(1, 2, 3)), False, "here"), 1) == 3
    assert count(ranged(min=0, max=1), 1) == math.inf
    assert count(ranged(min=0, max=3, distribution="int_uniform", per_exit=True), 2) == 16


def test_lists_among_numbers_are_labelled_alike():
    found = dimension(OneOf(values=(0.5, (0.5, 0.9))), False, "here")
    assert found.labels == ("0.5", "[0.5, 0.9]")
    assert dimension(OneOf(values=("[x", "y")), False, "here").labels == ("[x", "y")


@given(st.integers(-50, 50), st.integers(1, 200), st.integers(1, 9), st.booleans())
def test_every_value_lies_in_the_range_and_is_counted(low, width, step, whole):
    found = ranged(whole, min=low, max=low + width, step=min(step, width))
    values = every_value(found)
    assert len(values) == count(found, 1) == len(set(values))
    assert min(values) == low
    assert max(values) <= low + width
    assert set(probes(found, 1)[:2]) <= {*values, low + width}


def test_inside_a_range_is_tried_too():
    first, last, inside = probes(ranged(min=1, max=100, distribution="log_uniform_values"), 1)
    assert (first, last) == (1, 100)
    assert inside == pytest.approx(10)
    assert probes(ranged(min=0, max=1, per_exit=True), 2)[0] == (0, 0)
    assert len(probes(ranged(True, min=1, max=9), 1)) == 9
