"""A recommendation's numbers in words."""

import pytest

from harness.report.recommended import difference_in_words, mean_in_words
from harness.results.recommendation import Goal, Mean, Recommendation

MEAN = Mean(mean=0.01, low=-0.002, high=0.022)


def found(difference=MEAN, p=0.031, significant=True, n=6, **goal):
    """A recommendation of which the networks are left out: no word is of them."""
    goal = Goal(**(goal or {"cost": 0.5}))
    fields = {"difference": difference, "p": p, "significant": significant, "n": n}
    return Recommendation.model_construct(goal=goal, chosen=None, runner_up=None, **fields)


def test_the_sign_of_a_mean_is_shown_where_it_is_asked_for():
    assert mean_in_words(MEAN) == "0.0100 [-0.0020, 0.0220]"
    assert mean_in_words(MEAN, "+") == "+0.0100 [-0.0020, +0.0220]"


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({}, "difference in R²: +0.0100 [-0.0020, +0.0220], n = 6: p 0.031, significant"),
        ({"p": 0.5, "significant": False}, "n = 6: p 0.5, not significant"),
        ({"p": None, "n": 1, "significant": False}, "n = 1: no test for n = 1"),
        ({"score": 0.9}, "difference in relative cost: +0.0100"),
        ({"difference": None, "p": None}, "no difference is tested: different searches found"),
    ],
)
def test_a_difference_is_said_with_its_test(given, said):
    assert said in difference_in_words(found(**given), "R²")
