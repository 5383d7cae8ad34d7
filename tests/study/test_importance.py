"""Importances of made-up configurations in which one parameter decides everything."""

import numpy as np
import pytest

from harness.results.study_record import Configuration
from harness.study.importance import EVERY, FEWEST, importances
from tests.made_up import MANIFEST
from tests.records import changed, record_of

UNIT = {"min": 0.0, "max": 1.0}
METRICS = [{"name": "accuracy", "goal": "maximize"}, {"name": "cost", "goal": "minimize"}]


def searched(regime, values, count=60, seed=0):
    """Configurations of a regime, of which the last one failed."""
    generator = np.random.default_rng(seed)
    for number in range(count + 1):
        drawn = {"training.deciding": generator.random(), "regime.idle": generator.random()}
        yield Configuration(
            number=number,
            regime=regime,
            parameters=drawn,
            keys=(),
            thresholds=None,
            objectives=values(drawn["training.deciding"]) if number < count else None,
        )


def record(*configurations):
    regimes = {each.regime: {"idle": UNIT} for each in configurations}
    made = record_of(MANIFEST, regimes=regimes, training={"deciding": UNIT}, metrics=METRICS)
    return changed(made, configurations=configurations)


@pytest.fixture
def study():
    return record(
        *searched("first", lambda x: (x, 1 - x)),
        *searched("second", lambda x: (x + 5, 6 - x), seed=1),
        *searched("rare", lambda x: (x, x), count=FEWEST - 1, seed=2),
    )


def test_the_parameter_that_decides_is_the_important_one(study):
    found = importances(study)
    of_one = found[found["regime"] == "first"].set_index(["metric", "parameter"])["importance"]
    for metric in ("accuracy", "cost"):
        assert of_one[metric].sum() == pytest.approx(1)
        assert of_one[metric, "training.deciding"] > 0.9
    assert (found.loc[found["regime"] == "first", "configurations"] == 60).all()


def test_over_all_regimes_the_regime_is_a_parameter():
    """Eight regimes, of which each is better than the one before whatever is searched."""
    made = [
        configuration
        for rank in range(8)
        for configuration in searched(f"r{rank}", lambda x, r=rank: (r, x), count=12, seed=rank)
    ]
    found = importances(record(*made))
    every = found[found["regime"] == EVERY].set_index(["metric", "parameter"])
    assert set(every.loc["accuracy"].index) == {"training.deciding", "regime.idle", "regime"}
    assert (every["configurations"] == 96).all()
    assert every.loc["accuracy", "importance"].idxmax() == "regime"
    assert every.loc["cost", "importance"].idxmax() == "training.deciding"


def test_regimes_with_too_few_configurations_are_left_out(study):
    assert set(importances(study)["regime"]) == {"first", "second", EVERY}


def test_a_study_that_has_just_begun_has_none():
    assert importances(record_of(MANIFEST)).empty
