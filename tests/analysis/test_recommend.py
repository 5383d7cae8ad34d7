"""What is recommended, against brute force on a made-up confirmation."""

import dataclasses
import math

import numpy as np
import pytest
from scipy.stats import wilcoxon

from harness.analysis.confirmed_points import ConfirmedPoints
from harness.analysis.evaluation import of_study
from harness.analysis.recommend import (
    network_of,
    recommend,
    recommendation,
    recommendations,
)
from harness.core.budgets import DEPLOYMENT_BUDGETS
from harness.core.errors import InputError
from harness.results import trials
from harness.results.confirmation import confirmation_folder
from harness.results.recommendation import Goal
from harness.results.sealed import read_test
from harness.results.study_record import read_study_record
from tests.made_up import REGIMES, make_confirmation, make_study

SEEDS = (1000, 1001, 1002)


def points_of(folder):
    confirmation = confirmation_folder(folder)
    record = read_study_record(confirmation)
    return ConfirmedPoints.of(confirmation, record, of_study(record))


@pytest.fixture(scope="module")
def confirmed(tmp_path_factory):
    """Two configurations of three regimes on three seeds, to be read alone."""
    folder = make_study(tmp_path_factory.mktemp("recommended"))
    make_confirmation(folder, candidates=2)
    return points_of(folder)


def outcomes(confirmed, key):
    """Of each threshold of a network's frontier: (score, cost) on validation and on test."""
    parts = (trials.read_trial(confirmed.folder, key).validation, read_test(confirmed.folder, key))
    confidences, rights = [], []
    for outputs in parts:
        first, last = outputs.values.astype(float)
        shifted = np.exp(first - first.max(-1, keepdims=True))
        confidences.append((shifted / shifted.sum(-1, keepdims=True)).max(-1))
        rights.append([values.argmax(-1) == outputs.labels for values in (first, last)])
    points = confirmed.points
    for threshold in points.loc[points["key"] == key, "threshold_1"]:
        found = []
        for confidence, right in zip(confidences, rights, strict=True):
            early = confidence >= threshold
            found.append((np.where(early, *right).mean(), np.where(early, 10, 100).mean() / 90))
        yield found


def taken(confirmed, key, goal):
    """Validation and test outcome of what a seed takes for a goal; None where it misses it."""
    found = [each for each in outcomes(confirmed, key) if meets(each[0], goal)]
    if goal.cost is not None:
        return max(found, key=lambda each: (each[0][0], -each[0][1]), default=None)
    return min(found, key=lambda each: (each[0][1], -each[0][0]), default=None)


def meets(outcome, goal):
    score, cost = outcome
    return score >= goal.score if goal.cost is None else cost <= goal.cost + 1e-12


def ranked(confirmed, goal):
    """The configurations that meet a goal with every seed, best on validation first."""
    found = []
    for configuration in confirmed.record.configurations:
        each = [taken(confirmed, key, goal) for key in configuration.keys]
        if None not in each:
            (score, cost), _ = np.mean(each, axis=0)
            found.append((score if goal.cost is not None else -cost, configuration, each))
    return sorted(found, key=lambda each: -each[0])


GOALS = [Goal(cost=0.3), Goal(cost=0.6), Goal(cost=1.0), Goal(score=0.7), Goal(score=0.8)]


@pytest.mark.parametrize("goal", GOALS, ids=lambda goal: goal.words)
def test_the_best_on_validation_is_recommended_and_judged_on_test(confirmed, goal):
    found = recommend(confirmed, goal)
    (_, best, each), *others = ranked(confirmed, goal)
    chosen = found.chosen
    assert (chosen.regime, chosen.configuration) == (best.regime, best.number)
    assert chosen.searched == 100 + best.number
    assert chosen.parameters == best.parameters
    (validation, test) = np.mean(each, axis=0)
    assert (chosen.validation_score, chosen.validation_cost) == pytest.approx(tuple(validation))
    assert (chosen.score.mean, chosen.cost.mean) == pytest.approx(tuple(test))
    assert chosen.score.low < chosen.score.mean < chosen.score.high
    assert sum(chosen.routing) == pytest.approx(1)
    assert chosen.cost.mean == pytest.approx(np.dot(chosen.routing, (10, 100)) / 90)

    _, other, theirs = next(one for one in others if one[1].regime != best.regime)
    assert (found.runner_up.regime, found.runner_up.configuration) == (other.regime, other.number)
    what = 0 if goal.cost is not None else 1
    less = np.array(each)[:, 1, what] - np.array(theirs)[:, 1, what]
    assert found.difference.mean == pytest.approx(less.mean())
    assert (found.n, found.p) == (3, pytest.approx(wilcoxon(less, method="exact").pvalue))
    assert not found.significant


@pytest.mark.parametrize("goal", [Goal(cost=0.5), Goal(score=0.6)])
def test_the_network_to_deploy_is_that_of_the_seed_of_median_validation(confirmed, goal):
    chosen = recommend(confirmed, goal).chosen
    best = confirmed.record.configurations[chosen.configuration]
    each = [taken(confirmed, key, goal) for key in best.keys]
    scores = [validation[0] for validation, _ in each]
    position = SEEDS.index(chosen.seed)
    assert scores[position] == np.median(scores)
    assert chosen.key == best.keys[position]
    names = ("validation_accuracy", "validation_cost", "test_accuracy", "test_cost")
    assert [chosen.measured[name] for name in names] == pytest.approx(np.ravel(each[position]))
    point = network_of(chosen)
    assert (point.regime, point.key, point.configuration, point.measured) == (
        chosen.regime, chosen.key, chosen.configuration, chosen.measured
    )  # fmt: skip
    known = [math.inf if each is None else each for each in chosen.thresholds]
    assert list(point.thresholds) == known
    assert len(known) == 1


@pytest.mark.parametrize("regime", REGIMES)
def test_within_a_regime_the_runner_up_is_of_any_other(confirmed, regime):
    goal = Goal(cost=0.5)
    found = recommend(confirmed, goal, regime)
    own = [each for _, each, _ in ranked(confirmed, goal) if each.regime == regime]
    others = [each for _, each, _ in ranked(confirmed, goal) if each.regime != regime]
    assert found.chosen.configuration == own[0].number
    assert found.runner_up.configuration == others[0].number


@pytest.mark.parametrize(
    ("goal", "regime", "message"),
    [
        (Goal(cost=0.1), None, r"--cost 0\.1: .*the least that one keeps to is 0\.111$"),
        (Goal(score=0.99), None, r"--accuracy 0\.99: no configuration reaches it with every seed"),
        (Goal(cost=0.5), "x", "--regime x: not confirmed; there are: hard_cgt, joint, single_exit"),
    ],
)
def test_what_cannot_be_met_is_said_with_what_can(confirmed, goal, regime, message):
    with pytest.raises(InputError, match=message):
        recommend(confirmed, goal, regime)


def test_the_accuracy_that_is_named_can_be_met(confirmed):
    with pytest.raises(InputError) as caught:
        recommend(confirmed, Goal(score=0.99))
    named = float(str(caught.value).rpartition(" ")[2])
    assert recommend(confirmed, Goal(score=named - 1e-4))
    with pytest.raises(InputError):
        recommend(confirmed, Goal(score=named + 1e-4))


def test_where_one_regime_alone_meets_the_goal_there_is_no_runner_up(confirmed):
    alone = confirmed.points[confirmed.points["regime"] == "joint"]
    found = recommend(dataclasses.replace(confirmed, points=alone), Goal(cost=0.5))
    assert (found.runner_up, found.difference, found.p, found.n) == (None, None, None, 0)


def test_for_each_budget_it_is_what_is_recommended_for_it_alone(confirmed):
    """Networks are read once for all budgets, which changes nothing."""
    found = recommendations(points_of(confirmed.folder.parent))
    assert found.budgets == DEPLOYMENT_BUDGETS
    met = []
    for budget, each in zip(found.budgets, found.found, strict=True):
        goal = Goal(cost=budget)
        if not ranked(confirmed, goal):
            assert each is None
            continue
        assert each == recommend(points_of(confirmed.folder.parent), goal)
        assert each.goal == goal
        met.append(budget)
    # The cheapest exit costs a ninth of the full cost, more than the first two budgets.
    assert met == list(DEPLOYMENT_BUDGETS[2:])


def test_a_network_where_no_sample_leaves_is_exported_with_a_threshold_of_infinity(confirmed):
    chosen = recommend(confirmed, Goal(cost=1.0)).chosen
    never = chosen.model_copy(update={"thresholds": (None, 0.5)})
    assert network_of(never).thresholds == (math.inf, 0.5)


def test_seeds_of_different_searches_are_not_paired(tmp_path):
    make_confirmation(make_study(tmp_path), ((1000, 1001), (2000, 2001)))
    confirmed = points_of(tmp_path)
    pairs = set()
    for cost in (0.3, 0.5, 0.7, 0.9):
        for regime in REGIMES:
            found = recommend(confirmed, Goal(cost=cost), regime)
            same = found.chosen.search == found.runner_up.search
            assert (found.difference is not None, found.n) == (same, 2 * same)
            assert (found.p is not None) == same
            # Of four fresh seeds each configuration has the two of the search that found it.
            assert found.chosen.seeds == found.runner_up.seeds == 2
            pairs.add(same)
    assert pairs == {False, True}


def test_another_policy_is_evaluated_and_recorded(tmp_path):
    make_confirmation(make_study(tmp_path))
    record, plain = recommendation(tmp_path, Goal(cost=0.5))
    assert record.spec.policy.name == "max_softmax"
    other, found = recommendation(tmp_path, Goal(cost=0.5), policy="margin")
    assert other.spec.policy.name == "margin"
    assert found.chosen.thresholds != plain.chosen.thresholds
    with pytest.raises(InputError, match="none"):
        recommendation(tmp_path, Goal(cost=0.5), policy="none")


def test_what_is_not_confirmed_is_not_recommended(tmp_path):
    make_study(tmp_path)
    with pytest.raises(InputError, match="`harness confirm made-up`"):
        recommendation(tmp_path, Goal(cost=0.5))
