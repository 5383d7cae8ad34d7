"""When a study is a stored one that was given more."""

import pytest

from harness.results.growth import Growth, StoredStudy, grown_in_words, growth_at, has_grown

STORED = {
    "method": "tpe",
    "regimes": {"joint": {"preset": "uniform"}, "soft_cgt": {"beta": 0.5, "tau": 0.9}},
    "seeds": [0, 1],
    "code of regime joint": "a",
    "code of regime soft_cgt": "b",
}
MIXED = {"regimes": {**STORED["regimes"], "mixed": {}}, "code of regime mixed": "c"}
REORDERED = {"joint": {"preset": "uniform"}, "soft_cgt": {"tau": 0.9, "beta": 0.5}}


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, False),
        (MIXED, True),
        ({"seeds": [0, 1, 2]}, True),
        ({"seeds": [1, 0]}, True),
        ({**MIXED, "seeds": [5, 0, 1]}, True),
        ({"regimes": dict(reversed(STORED["regimes"].items()))}, True),
        ({"regimes": {"joint": {"preset": "uniform"}}}, False),
        ({"regimes": REORDERED}, False),
        ({"regimes": {**REORDERED, "mixed": {}}, "code of regime mixed": "c"}, False),
        ({**MIXED, "code of regime joint": "z"}, False),
        ({**MIXED, "method": "random"}, False),
        ({"seeds": [0, 2]}, False),
        ({**MIXED, "another": 1}, False),
    ],
)
def test_more_regimes_and_seeds_are_growth_and_nothing_else_is(change, expected):
    now = {**STORED, **change}
    codes = [key for key in now if key.startswith("code")]
    now = {**{k: v for k, v in now.items() if k not in codes}, **{k: now[k] for k in codes}}
    assert has_grown(STORED, now) == expected
    assert bool(StoredStudy(STORED, (), 4).growth_to(now)) == expected


def test_what_grew_before_anything_was_recorded_since_is_one_growth():
    first = growth_at(4, STORED)
    assert first == Growth(number=4, regimes=("joint", "soft_cgt"), seeds=(0, 1))
    now = {**STORED, "seeds": [0, 1, 2]}
    assert StoredStudy(STORED, (first,), 4).growth_to(now) == (first,)
    assert StoredStudy(STORED, (first,), 6).growth_to(now) == (first, growth_at(6, STORED))
    assert StoredStudy(STORED, (), 0).growth_to(now) == ()


def test_a_stored_study_says_what_it_was_given_whatever_it_is_launched_as():
    assert StoredStudy(STORED, (), 4).given_in_words() == ""
    now = {**STORED, **MIXED, "seeds": [0, 1, 2]}
    said = StoredStudy(now, (growth_at(4, STORED),), 9).given_in_words()
    assert said == "it was given regime mixed and seed 2 after 4 configurations"


def test_what_was_given_is_said():
    before = growth_at(4, STORED)
    regimes = before.regimes
    assert grown_in_words(before, (*regimes, "mixed"), (0, 1)) == "regime mixed"
    assert grown_in_words(before, (*regimes, "a", "b"), (0, 1, 7)) == "regimes a, b and seed 7"
    assert grown_in_words(before, regimes[::-1], (0, 1)) == "another order of its regimes"
