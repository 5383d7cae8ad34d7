"""Objectives: Optuna is told of finite values, what is shown are those that exist."""

import math

import pytest

from harness.results import study_record, trials
from harness.study.scoring import Scorer
from harness.study.space import Suggestion
from harness.study.trial_summary import merits
from tests.records import changed

METRICS = [{"name": f"accuracy_at_{at}", "goal": "maximize"} for at in (25, 50, 75)]


@pytest.fixture
def scorer(folder):
    """Of a study whose cheapest exit costs half of the full network."""
    record = study_record.read_study_record(folder)
    reference = record.reference.model_copy(update={"macs": 20.0})
    return Scorer(changed(record, spec={"metrics": METRICS}, reference=reference), folder)


def test_within_a_budget_that_no_point_keeps_there_is_no_accuracy(scorer):
    key = trials.stored_keys(scorer.folder)[0]
    found = merits([scorer.frontier(key, None)], scorer.reference.score)
    assert found["accuracy_at_25"] == -math.inf
    assert 0 < found["accuracy_at_50"] <= found["accuracy_at_75"] <= found["best_accuracy"]


def test_optuna_is_told_of_predicting_without_the_network_there(scorer):
    spec = trials.read_trial(scorer.folder, trials.stored_keys(scorer.folder)[0]).spec
    found = merits([scorer.frontier(spec.key, None)], scorer.reference.score)
    values = scorer.values(Suggestion(specs=(spec,), thresholds=None))
    floor = scorer.reference.score
    assert values == (floor, *(max(found[f"accuracy_at_{at}"], floor) for at in (50, 75)))
