import itertools

import pytest

from harness.core.errors import InputError
from harness.study.checks import check, check_workers
from harness.study.plan import plan, plan_notes, planned_trials, regime_plans, smoke
from harness.study.space import configurations
from harness.study.study_file import read_study
from tests.conftest import REPOSITORY
from tests.study.test_proposer import Stop, simulate

QUICKSTART = REPOSITORY / "studies" / "quickstart.yaml"
FIXED = "training.learning_rate=0.01"


def score(proposal):
    rate = proposal.asked.params["training.learning_rate"]
    return rate, 1 - rate


def study(*changes):
    return read_study(QUICKSTART, ["seeds=[0]", *changes])


QUICK = study()


def test_the_shipped_plan_is_as_large_as_its_cap():
    shipped = read_study(QUICKSTART)
    assert planned_trials(shipped) == shipped.run_cap
    assert plan_notes(shipped) == ()


def test_a_plan_never_exceeds_its_cap_and_a_larger_cap_only_appends():
    smaller = ()
    for cap in range(9, 80):
        capped = QUICK.model_copy(update={"run_cap": cap})
        larger = plan(capped)
        assert planned_trials(capped) <= cap
        assert larger[: len(smaller)] == smaller
        smaller = larger


def test_a_cap_that_leaves_regimes_out_is_told():
    small = study("run_cap=3")
    (whole,) = plan_notes(study("run_cap=17"))
    assert "only whole configurations are trained, 15 trials" in whole
    (note,) = plan_notes(small)
    assert "leaves regimes without a configuration: disjoint, mixed, branch_wise" in note
    with pytest.raises(InputError, match="a configuration of joint takes 2 trials, found 1"):
        plan(read_study(QUICKSTART, ["run_cap=1"]))


def test_a_fixed_regime_has_one_configuration_and_leaves_its_turns_to_the_others():
    few = study(
        FIXED, "regimes={joint: {}, mixed: {first_share: {min: 0.2, max: 0.7}}}", "run_cap=6"
    )
    assert [turn.regime for turn in plan(few)] == ["joint", *["mixed"] * 5]
    assert [row.possible for row in regime_plans(few)] == [1, None]
    assert plan_notes(few) == ()


def test_a_finite_space_ends_the_study():
    presets = (
        "regimes={joint: {preset: {values: [uniform, linear_ramp, branchynet]}}, separate: {}}"
    )
    small = study(FIXED, presets, "run_cap=42")
    assert planned_trials(small) == 4
    assert "every configuration there is takes 4 trials" in plan_notes(small)[0]
    assert planned_trials(smoke(small)) == 3


def test_smoke_makes_a_backbone_tiny_where_its_plugin_says_how():
    wide = "backbone={name: resnet, parameters: {depth: {values: [1, 2]}, width: 64, exits: 2}}"
    made = smoke(study(wide)).backbone
    assert (made.name, made.parameters["width"], made.parameters["exits"]) == ("resnet", 4, 2)
    assert made.parameters["depth"] == study(wide).backbone.parameters["depth"]
    assert smoke(QUICK).backbone == QUICK.backbone


@pytest.mark.parametrize(
    ("method", "rates"), [("tpe", 4), ("random", 4), ("nsga2", 4), ("grid", 4), ("gp", 2)]
)
def test_no_method_repeats_a_configuration_of_a_finite_space(method, rates):
    changes = [
        f"method={method}",
        f"training.learning_rate={{values: {[0.01, 0.02, 0.03, 0.04][:rates]}}}",
        "regimes={joint: {preset: {values: [uniform, linear_ramp, branchynet]}}, separate: {}}",
        "window=3",
        "startup=2",
        "run_cap=100",
    ]
    found = study(*changes)
    assert [configurations(found, regime) for regime in found.regimes] == [3 * rates, rates]
    seen = simulate(found, 4 * rates, window=3, scored=score)
    assert len({tuple(sorted(params.items())) for params in seen}) == 4 * rates
    again = simulate(found, 4 * rates, 3, Stop(2 * rates + 1), score)
    assert again == seen


def test_searched_exits_are_counted_whole():
    exits = "backbone.parameters.exits={min: 1, max: 3}"
    few = study(FIXED, exits, "regimes={single_exit: {}, joint: {}}", "run_cap=9")
    assert [row.trials for row in regime_plans(few)] == [6, 2]
    assert [row.possible for row in regime_plans(few)] == [3, 3]
    assert "trials are counted with the most exits" in plan_notes(few)[-1]
    per_exit = (
        "regimes={hard_cgt: {tau: {min: 1, max: 2, distribution: int_uniform, per_exit: true}}}"
    )
    assert configurations(study(FIXED, exits, per_exit), "hard_cgt") == 2 + 4 + 8
    check(study(FIXED, exits, per_exit), "study.yaml")


def test_sampled_thresholds_make_any_space_infinite():
    sampled = study(FIXED, "thresholds.selection=sampled", "regimes={joint: {}, single_exit: {}}")
    assert [row.possible for row in regime_plans(sampled)] == [None, 1]


def test_more_workers_than_the_window_are_refused():
    check_workers(study(), 8)
    with pytest.raises(InputError, match="--workers 20: the study proposes 8"):
        check_workers(study(), 20)


def test_regimes_take_turns_in_order():
    regimes = [turn.regime for turn in plan(study("run_cap=18"))]
    assert regimes == list(itertools.islice(itertools.cycle(study().regimes), len(regimes)))
