"""Two names for one regime, trained and compared through the whole procedure: nothing is declared.

`hard_cgt` with beta 0 is `joint` by its loss (tests/regimes/test_identities.py). In how many of
many such studies a difference is declared is simulated (benchmarks/false_discoveries.py); here real
ones go from the launcher, with its worker processes, to the recommendation.
"""

from dataclasses import replace

import numpy as np
import pytest

from harness.analysis.pairs import seed_tables
from harness.analysis.recommend import recommendation
from harness.analysis.verdict import verdict
from harness.results.confirmation import confirmation_folder, confirmed
from harness.results.recommendation import Goal
from harness.results.study_record import read_study_record
from harness.results.trials import read_trial
from harness.statistics.paired import LEVEL
from tests.command import run_command
from tests.conftest import with_tables

pytestmark = pytest.mark.job

STUDY = """
name: {name}
description: Two names for joint.
expected_duration: seconds
split: digits
backbone: {{name: image_cnn, parameters: {{widths: [6, 8], exits: 2, pool: 2}}}}
training:
  epochs: 3
  batch_size: 64
  learning_rate: {{min: 0.002, max: 0.05, distribution: log_uniform_values}}
regimes: {{joint: {{}}, hard_cgt: {{beta: 0.0, tau: 0.9}}}}
seeds: [0]
{search}
"""
SAME = """method: random
run_cap: 4
confirm: {seeds: 6, candidates: [100]}"""
OWN = """method: tpe
startup: 1
searches: 6
run_cap: 24
confirm: {seeds: 2, candidates: [100]}"""


@pytest.fixture
def compared(project, mlflow_tables):
    """Searches, confirms and evaluates such a study by the command; gives its folder."""

    def run(name, search):
        with_tables(project, mlflow_tables)
        (project.studies / f"{name}.yaml").write_text(STUDY.format(name=name, search=search))
        run_command(project.root, "launch", f"studies/{name}.yaml", "--confirm", "--workers", 2)
        run_command(project.root, "frontier", name, "--no-log")
        return project.results / name

    return run


def by_regime(record):
    """The configurations of both regimes, in the order of the study."""
    return [
        [each for each in record.configurations if each.regime == regime]
        for regime in ("joint", "hard_cgt")
    ]


def assert_equal(folder, record):
    """Configuration by configuration and seed by seed: the same to the bit."""
    for own, other in zip(*by_regime(record), strict=True):
        assert (own.parameters, own.objectives) == (other.parameters, other.objectives)
        for one, two in zip(own.keys, other.keys, strict=True):
            first, second = (read_trial(folder, key).validation for key in (one, two))
            assert one != two
            assert np.array_equal(first.values, second.values)


def test_what_is_equal_by_construction_differs_by_exactly_nothing(compared):
    folder = compared("same", SAME)
    assert_equal(folder, read_study_record(folder))
    assert_equal(confirmation_folder(folder), confirmed(folder))
    tables = seed_tables(folder)
    areas = {name: rows.droplevel("regime") for name, rows in tables.hypervolumes.groupby("regime")}
    assert areas["joint"].equals(areas["hard_cgt"])
    found = verdict(tables, "joint")
    (gain,) = found.gains
    assert found.decides
    assert (gain.gain, gain.low, gain.high, gain.p_holm, gain.side) == (0, 0, 0, 1, "undecided")
    _, advised = recommendation(folder, Goal(cost=1.0))
    assert {advised.chosen.regime, advised.runner_up.regime} == {"joint", "hard_cgt"}
    difference = advised.difference
    assert (difference.mean, difference.low, difference.high, advised.p) == (0, 0, 0, 1)
    assert not advised.significant


def test_searches_of_their_own_find_no_difference_between_equal_regimes(compared):
    folder = compared("own", OWN)
    first, second = by_regime(confirmed(folder))
    assert [one.parameters for one in first] != [two.parameters for two in second]
    tables = seed_tables(folder)
    found = verdict(tables, "joint")
    (gain,) = found.gains
    assert (found.n, found.searches, found.decides) == (6, 6, True)
    assert gain.side == "undecided"
    assert gain.p_holm > LEVEL
    assert gain.low < 0 < gain.high
    _, advised = recommendation(folder, Goal(cost=1.0))
    assert not advised.significant
    # The same searches and seeds show a difference where there is one.
    better = tables.hypervolumes.index.get_level_values("regime") == "hard_cgt"
    apart = replace(tables, hypervolumes=tables.hypervolumes + 0.2 * better[:, None])
    assert [each.side for each in verdict(apart, "joint").gains] == ["better"]
