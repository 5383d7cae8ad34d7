"""Which point of a frontier is taken, on tables worked by hand."""

import numpy as np
import pandas as pd
import pytest

from harness.core.errors import InputError
from harness.frontier.operating_point import Wanted, choose

# Areas up to (1, 0.2): a .9*.3 = .27, b .6*.6 = .36, c .2*.7 = .14, d .5*.4 = .2, e .7*.55 = .385.
FRAME = pd.DataFrame(
    {
        "regime": ["joint", "joint", "joint", "soft", "soft"],
        "key": ["aa", "aa", "bb", "cc", "cc"],
        "configuration": [0, 0, 2, 1, 1],
        "seed": 0,
        "static_exit": 0,
        "threshold_1": [0.1, 0.5, 0.9, 0.3, np.inf],
        "threshold_2": [0.2, 0.6, np.nan, 0.4, 0.7],
        "validation_accuracy": [0.5, 0.8, 0.9, 0.6, 0.75],
        "validation_macs": [10.0, 40.0, 80.0, 50.0, 30.0],
        "validation_cost": [0.1, 0.4, 0.8, 0.5, 0.3],
        "test_accuracy": [0.9, 0.1, 0.1, 0.1, 0.1],
        "test_dominated": False,
    }
)


def taken(frame=FRAME, **wanted):
    point = choose(frame, Wanted(**wanted), 0.2)
    return point.key, point.measured["validation_cost"]


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ({"aim": "knee"}, ("cc", 0.3)),
        ({"aim": "knee", "regime": "joint"}, ("aa", 0.4)),
        # 99 % of .9 is .891, of .8 (aa alone) .792.
        ({}, ("bb", 0.8)),
        ({"key": "aa"}, ("aa", 0.4)),
        ({"key": "aa", "aim": "best-accuracy"}, ("aa", 0.4)),
        ({"aim": "best-accuracy"}, ("bb", 0.8)),
        ({"aim": "cheapest"}, ("aa", 0.1)),
        # 95 % of .9 is .855, of .8 (aa alone) .76, of .75 (soft) .7125.
        ({"aim": "cheapest-95"}, ("bb", 0.8)),
        ({"aim": "cheapest-95", "key": "aa"}, ("aa", 0.4)),
        ({"aim": "cheapest-95", "regime": "soft"}, ("cc", 0.3)),
    ],
)
def test_the_point_wanted_is_taken(wanted, expected):
    assert taken(**wanted) == expected
    assert taken(FRAME.sample(frac=1, random_state=1), **wanted) == expected


def test_test_columns_have_no_say():
    blind = FRAME.drop(columns=[c for c in FRAME if c.startswith("test")])
    lying = FRAME.assign(test_accuracy=FRAME["test_accuracy"].to_numpy()[::-1])
    for aim in ("knee", "best-accuracy", "cheapest", "cheapest-95", "cheapest-99"):
        assert taken(blind, aim=aim) == taken(lying, aim=aim) == taken(aim=aim)


def test_of_equal_points_the_cheaper_or_more_accurate_is_taken():
    rows = FRAME.assign(validation_cost=[0.4, 0.3, 0.3, 0.6, 0.5], validation_accuracy=0.7)
    rows.loc[2, "validation_accuracy"] = 0.6
    assert taken(rows, aim="best-accuracy") == ("aa", 0.3)
    assert taken(rows, aim="cheapest") == ("aa", 0.3)


@pytest.mark.parametrize(
    ("accuracy", "cost"),
    [
        ([0.5, 0.76, 0.8, 0.6, 0.75], 0.4),  # exactly 95 % is enough
        ([0.5, 0.7599, 0.8, 0.6, 0.75], 0.8),
        ([0.1, 0.3, 0.4, 0.2, 0.385], 0.3),  # .38
        ([-0.5, -0.1, -0.2, -0.3, -0.4], 0.4),  # R^2 below 0: the best itself
    ],
)
def test_cheapest_95_is_the_cheapest_of_at_least_95_percent_of_the_best(accuracy, cost):
    frame = FRAME.assign(validation_accuracy=accuracy)
    assert taken(frame, aim="cheapest-95")[1] == cost


def test_thresholds_are_those_of_the_network():
    assert choose(FRAME, Wanted(key="bb"), 0.2).thresholds == (0.9,)
    assert choose(FRAME, Wanted(aim="knee"), 0.2).thresholds == (np.inf, 0.7)
    point = choose(FRAME, Wanted(aim="knee"), 0.2)
    assert (point.regime, point.configuration) == ("soft", 1)
    assert set(point.measured) == {
        "validation_accuracy", "validation_macs", "validation_cost", "test_accuracy"
    }  # fmt: skip


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        ({"regime": "hard"}, "--regime hard: no point on the frontier; there are: joint, soft"),
        ({"key": "dd"}, "--key dd: no point on the frontier; there are: aa, bb, cc"),
        ({"regime": "soft", "key": "aa"}, "--key aa: .* there are: cc"),
    ],
)
def test_error_names_what_is_missing(wanted, message):
    with pytest.raises(InputError, match=message):
        taken(**wanted)
