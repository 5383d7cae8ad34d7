"""Recommendations as they are stored and read."""

import shutil
from pathlib import Path

import pytest

from harness.core.budgets import DEPLOYMENT_BUDGETS
from harness.core.errors import InputError
from harness.results.confirmation import confirmation_folder
from harness.results.recommendation import (
    RECOMMENDATIONS,
    Goal,
    Recommendation,
    read_recommendations,
)
from harness.results.study_record import read_study_record, write_study_record
from tests.damage import WAYS
from tests.made_up import make_confirmation, make_study


@pytest.fixture
def confirmation(judged, tmp_path):
    return confirmation_folder(Path(shutil.copytree(judged, tmp_path / judged.name)))


def test_what_the_frontier_stage_recommends_is_read(confirmation):
    found = read_recommendations(confirmation)
    assert found.budgets == DEPLOYMENT_BUDGETS
    assert len(found.found) == len(DEPLOYMENT_BUDGETS)
    for budget, each in zip(found.budgets, found.found, strict=True):
        assert each is None or each.goal == Goal(cost=budget)
    assert found.found[0] is None
    assert isinstance(found.found[-1], Recommendation)
    assert found.found[-1].chosen.validation_cost <= 1


@pytest.mark.parametrize("damage", WAYS)
def test_damaged_recommendations_are_refused_with_the_command(confirmation, damage):
    damage(confirmation / RECOMMENDATIONS)
    with pytest.raises(InputError, match="run `harness frontier made-up`"):
        read_recommendations(confirmation)


def test_recommendations_of_another_confirmation_are_refused(confirmation):
    record = read_study_record(confirmation)
    fewer = record.model_copy(update={"configurations": record.configurations[:-1]})
    write_study_record(confirmation, fewer)
    with pytest.raises(InputError, match=r"out of date.*; run `harness frontier made-up`"):
        read_recommendations(confirmation)


def test_before_the_frontier_stage_there_are_none(tmp_path):
    with pytest.raises(InputError, match=r"not there yet; run `harness frontier made-up`"):
        read_recommendations(make_confirmation(make_study(tmp_path)))


def test_goals_are_said_in_words():
    assert Goal(cost=0.35).words == "within 35% of the cost of the largest full static network"
    assert Goal(score=0.9).words == "for a score of at least 0.9"
