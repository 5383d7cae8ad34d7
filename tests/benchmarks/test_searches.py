"""The benchmarks of searches count what they say that they count."""

import numpy as np
import pytest

from benchmarks.replayed_proposals import REGIME, STUDY, compared, optimized, problem, replayed
from benchmarks.trainings_for_hypervolume import Points, curve, figures, trainings_to
from harness.frontier.staircase import area, staircase
from harness.study.study_file import study_of


def test_trainings_are_counted_until_the_goal_is_kept():
    assert trainings_to(np.array([0.1, 0.3, 0.2, 0.3, 0.4]), 0.25) == 4
    assert trainings_to(np.array([0.3, 0.4]), 0.25) == 1
    assert trainings_to(np.array([0.1, 0.2]), 0.25) == 3


def test_a_curve_is_the_area_of_all_points_so_far():
    generator = np.random.default_rng(0)
    found = [Points(*generator.random((3, 4))) for _ in range(3)]
    curve_ = curve(found, 0.1)
    for count in (1, 2, 3):
        cost, score, judged = (
            np.concatenate([getattr(each, name) for each in found[:count]])
            for name in ("cost", "score", "judged")
        )
        assert curve_[count - 1] == pytest.approx(float(area(staircase(cost, score, judged), 0.1)))


def test_nothing_is_chosen_on_test():
    chosen = Points(np.array([0.5, 0.5]), np.array([0.9, 0.8]), np.array([0.6, 1.0]))
    assert curve([chosen], 0.1)[0] == pytest.approx(0.5 * 0.5)


def test_fewer_trainings_are_a_share_of_those_of_plain_optuna():
    plain = np.linspace(0, 0.5, 100)[None].repeat(3, 0) + np.array([[0.0], [0.01], [-0.01]])
    ours = np.full((3, 40), 0.6) + np.array([[0.0], [0.02], [-0.02]])
    ours[:, :9] = 0.0
    share, gain, _ = figures(ours, plain, plain)
    assert share.value == pytest.approx(0.10)
    assert share.met
    assert gain.value == pytest.approx(0.1)
    assert gain.spread[0] < 0.1 < gain.spread[1]


@pytest.mark.parametrize("method", ["random", "nsga2", "tpe"])
def test_both_sides_evaluate_the_same_problem_as_often(method):
    study = study_of(STUDY | {"name": "problem", "method": method, "window": 3}, "study")
    values = problem(0)
    plain, own = optimized(study, values, 12, 0), replayed(study, values, 12)
    assert len(plain) == len(own) == 12
    assert all(0 <= value <= 1 for pair in [*plain, *own] for value in pair)
    assert replayed(study, values, 12) == own


def test_the_peak_of_a_problem_is_in_its_space():
    values = problem(1)
    space = STUDY["regimes"][REGIME]
    generator = np.random.default_rng(0)
    draws = [
        values(
            {
                "training.learning_rate": float(np.exp(generator.uniform(*np.log([0.001, 0.1])))),
                "training.weight_decay": float(np.exp(generator.uniform(*np.log([1e-4, 0.1])))),
                "regime.beta": generator.random(),
                "regime.kappa": float(np.exp(generator.uniform(0, np.log(30)))),
                "regime.tau": generator.uniform(space["tau"]["min"], space["tau"]["max"]),
                "regime.h": str(generator.choice(space["h"]["values"])),
            }
        )
        for _ in range(4000)
    ]
    assert 0.7 < np.max(draws) <= 1


def test_a_difference_of_nothing_is_met_and_a_loss_is_not():
    plain = np.array([0.4, 0.5, 0.6])
    assert compared("tpe", 1, plain, plain).met
    lost = compared("tpe", 1, plain - np.array([0.1, 0.11, 0.12]), plain)
    assert not lost.met
    assert lost.spread[1] < 0
