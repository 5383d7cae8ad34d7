import dataclasses
import math
from collections import defaultdict
from typing import NamedTuple

import optuna
import pytest

from harness.core.errors import InputError
from harness.core.trial_spec import TrainedOn
from harness.results.study_record import Configuration
from harness.study.checks import check
from harness.study.memory import Memory
from harness.study.plan import plan
from harness.study.proposer import finished, propose, recalled, repeated, to_record, visible
from harness.study.schedule import Turn, turns
from harness.study.space import trials_per_configuration
from harness.study.study_file import read_study
from tests.conftest import REPOSITORY

ON = TrainedOn("digest")
QUICKSTART = REPOSITORY / "studies" / "quickstart.yaml"


def reported_values(proposal):
    """A made-up but repeatable score."""
    rate = proposal.asked.params["training.learning_rate"]
    return rate, 1 - rate


def remembered(study, regime, trial):
    """The trial as it is made anew of its line in configurations.jsonl."""
    line = to_record(regime, trial).model_dump_json()
    return recalled(study, ON, Configuration.model_validate_json(line))


class Stop(NamedTuple):
    """A stop after a configuration, perhaps with the loss of Optuna's storage."""

    after: int
    journal_lost: bool = False


def simulate(study, numbers, window, stop=None, scored=reported_values, kept=False):
    """Run the launcher's order of ask and tell without training; may start from a stop.

    What samplers look at is `kept` from one proposal to the next, or made anew.
    """
    schedule = plan(study)[:numbers]
    recorded = {regime: [] for regime in study.regimes}
    pending = {}
    seen = []
    memories = defaultdict(lambda: Memory(study))

    def ask(turn):
        mine = [p for p in pending.values() if p.turn.regime == turn.regime]
        memory = memories[turn.regime, turn.search] if kept else Memory(study)
        memory.show(*visible(recorded[turn.regime], mine, turn.search, turn.number - window))
        pending[turn.number] = propose(study, ON, turn, memory)

    for turn in schedule[:window]:
        ask(turn)
    for number in range(len(schedule)):
        proposal = pending.pop(number)
        recorded[proposal.turn.regime].append(finished(proposal, scored(proposal), None))
        seen.append(proposal.asked.params)
        if stop and number == stop.after:
            pending.clear()
            if stop.journal_lost:
                recorded = {r: [remembered(study, r, t) for t in recorded[r]] for r in recorded}
            for turn in schedule[number + 1 : number + 1 + window]:
                ask(turn)
        elif number + window < len(schedule):
            ask(schedule[number + window])
    return seen


@pytest.mark.parametrize(
    ("method", "searches"),
    [
        ("tpe", 1),
        ("tpe", 2),
        ("nsga2", 2),
        ("random", 2),
        pytest.param("gp", 1, marks=pytest.mark.job),
    ],
)
def test_a_stopped_study_proposes_the_same_again(method, searches):
    study = read_study(
        QUICKSTART,
        [
            f"method={method}",
            f"searches={searches}",
            "startup=2",
            "population=2",
            "run_cap=1000",
        ],
    )
    numbers = 21 if method == "gp" else 35  # three per regime, of which gp models the last
    undisturbed = simulate(study, numbers, window=5)
    for stop in (0,) if method == "gp" else (0, numbers // 2, numbers - 2):
        assert simulate(study, numbers, window=5, stop=Stop(stop)) == undisturbed
    lost = simulate(study, numbers, window=5, stop=Stop(numbers // 2, journal_lost=True))
    assert lost == undisturbed
    assert simulate(study, numbers, window=5, kept=True) == undisturbed
    # A configuration that fails, at an uneven pace.
    failing = {"scored": lambda each: reported_values(each) if each.turn.number % 4 else None}
    assert simulate(study, numbers, 5, kept=True, **failing) == simulate(
        study, numbers, 5, **failing
    )


def drawn(study, turns_per_search, scored=reported_values):
    """The shared parameters of each (regime, search, index), with a launch of one worker."""
    count = turns_per_search * len(study.regimes) * study.searches
    found = simulate(study, count, window=1, scored=scored)
    return {
        (turn.regime, turn.search, turn.index): {
            name: value
            for name, value in params.items()
            if name.startswith(("backbone.", "training."))
        }
        for turn, params in zip(plan(study), found, strict=False)
    }


SHARED = [
    "backbone.parameters={widths: {values: [[4, 8], [8, 16], [8, 8]]}, exits: 2}",
    "regimes={joint: {preset: {values: [uniform, branchynet]}}, "
    "hard_cgt: {tau: {min: 0.5, max: 0.9}}, mixed: {}}",
    "run_cap=1000",
    "seeds=[0]",
]


@pytest.mark.parametrize("method", ["tpe", "gp", "nsga2", "random"])
def test_start_up_configurations_of_all_regimes_share_what_is_no_regime_s(method):
    study = read_study(QUICKSTART, [*SHARED, f"method={method}", "startup=3", "population=3"])
    found = drawn(study, 5)
    equal = [
        found["joint", 0, index] == found["hard_cgt", 0, index] == found["mixed", 0, index]
        for index in range(5)
    ]
    assert equal[:3] == [True] * 3
    if method != "gp":  # which may well find the same best for each
        assert equal[3:] == [method == "random"] * 2
    rates = {found["joint", 0, index]["training.learning_rate"] for index in range(3)}
    assert len(rates) == 3
    assert {"backbone.widths", "training.learning_rate"} <= found["mixed", 0, 0].keys()


def test_another_study_seeds_or_search_draw_others():
    changes = [[], ["name=other"], ["seeds=[1]"]]
    studies = [
        read_study(QUICKSTART, [*SHARED, "method=random", "searches=2", *more]) for more in changes
    ]
    rates = [
        found["joint", search, 0]["training.learning_rate"]
        for found in (drawn(study, 1) for study in studies)
        for search in (0, 1)
    ]
    assert len(set(rates)) == 6
    again = drawn(studies[0], 1)
    assert again == drawn(studies[0], 1)
    assert again["joint", 1, 0] == again["hard_cgt", 1, 0]


@pytest.mark.parametrize("method", ["tpe", "nsga2"])
def test_searches_do_not_see_each_other(method):
    """Search 0 proposes the same whatever search 1 finds."""
    study = read_study(
        QUICKSTART, [*SHARED, f"method={method}", "searches=2", "startup=2", "population=2"]
    )

    def other_luck(proposal):
        first, second = reported_values(proposal)
        return (first, second) if proposal.turn.search == 0 else (-first, -first)

    found, other = drawn(study, 5), drawn(study, 5, scored=other_luck)
    own = [name for name in found if name[1] == 0]
    assert [found[name] for name in own] == [other[name] for name in own]
    assert [found[n] for n in found if n[1] == 1] != [other[n] for n in found if n[1] == 1]


def test_what_is_visible_is_of_the_search_up_to_the_horizon():
    study = read_study(QUICKSTART, ["searches=2", "run_cap=1000"])
    turns_of_joint = [turn for turn in plan(study) if turn.regime == "joint"][:4]
    proposals = [propose(study, ON, turn, Memory(study)) for turn in turns_of_joint]
    recorded = [finished(each, reported_values(each), None) for each in proposals[:3]]
    horizon = turns_of_joint[0].number
    seen, hidden = visible(recorded, proposals[3:], 0, horizon)
    assert [trial.user_attrs["number"] for trial in seen] == [horizon]
    assert [trial.params for trial in hidden] == [proposals[2].asked.params]
    seen, hidden = visible(recorded, proposals[3:], 1, horizon)
    assert seen == []
    assert [trial.params for trial in hidden] == [
        proposals[number].asked.params for number in (1, 3)
    ]


def test_grid_visits_every_cell_once():
    study = read_study(
        QUICKSTART,
        [
            "method=grid",
            "regimes={joint: {preset: {values: [uniform, branchynet]}}}",
            "training.learning_rate={values: [0.01, 0.02, 0.03]}",
            "seeds=[0]",
            "run_cap=6",
        ],
    )
    seen = simulate(study, 6, window=2)
    assert simulate(study, 6, window=2, stop=Stop(3, journal_lost=True)) == seen
    assert len({tuple(sorted(params.items())) for params in seen}) == 6


def test_single_exit_trains_one_network_per_depth_and_seed():
    study = read_study(QUICKSTART)
    turn = next(turn for turn in plan(study) if turn.regime == "single_exit")
    specs = propose(study, ON, turn, Memory(study)).suggestion.specs
    assert [(s.seed, s.static_exit) for s in specs] == [(s, e) for s in (0, 1) for e in (1, 2, 3)]
    assert len({s.key for s in specs}) == trials_per_configuration(study, "single_exit") == 6
    assert len({dataclasses.replace(s, seed=0, static_exit=0).key for s in specs}) == 1


def test_sampled_thresholds_are_searched_and_no_part_of_the_key():
    study = read_study(QUICKSTART, ["thresholds.selection=sampled", "thresholds.min=0.4"])
    proposal = propose(study, ON, plan(study)[0], Memory(study))
    assert len(proposal.suggestion.thresholds) == 2
    assert all(0.4 <= t <= 1 for t in proposal.suggestion.thresholds)
    assert "threshold" not in str(proposal.suggestion.specs)
    record = to_record("joint", finished(proposal, (0.5, 0.5), None))
    assert record.thresholds == proposal.suggestion.thresholds


def test_per_exit_parameters_and_lists():
    study = read_study(
        QUICKSTART,
        [
            "regimes={hard_cgt: {tau: {min: 0.5, max: 0.9, per_exit: true}}}",
            "backbone.parameters={widths: {values: [[4, 8, 8], [8, 8, 16]]}, exits: 2}",
        ],
    )
    check(study, "quickstart")
    spec = propose(study, ON, plan(study)[0], Memory(study)).suggestion.specs[0]
    assert len(spec.regime.parameters["tau"]) == 2
    assert spec.backbone.parameters["widths"] in {(4, 8, 8), (8, 8, 16)}


@pytest.mark.parametrize("values", [(0.5, float("inf")), None])
def test_a_recorded_configuration_is_recalled_whole(values):
    study = read_study(QUICKSTART, ["thresholds.selection=sampled", "method=nsga2"])
    proposal = propose(study, ON, plan(study)[1], Memory(study))
    trial = finished(proposal, values, None if values else "went wrong")
    again = remembered(study, proposal.turn.regime, trial)
    for name in ("state", "values", "params", "distributions", "system_attrs", "user_attrs"):
        assert getattr(again, name) == getattr(trial, name)
    recorded = to_record(proposal.turn.regime, trial)
    assert repeated(study, ON, recorded) == proposal.suggestion


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"parameters": {"training.learning_rate": 0.01}}, "configuration 1 is not of this study"),
        ({"regime": "unknown"}, "configuration 1 is not of this study"),
        ({"keys": ("other",)}, "was recorded with the trials other and would now have"),
    ],
)
def test_what_cannot_be_repeated_says_the_way_out(changed, message):
    study = read_study(QUICKSTART)
    proposal = propose(study, ON, plan(study)[1], Memory(study))
    recorded = to_record(proposal.turn.regime, finished(proposal, (0.5, 0.5), None))
    with pytest.raises(InputError, match=f"{message}.*--restart starts over"):
        repeated(study, ON, recorded.model_copy(update=changed))


def test_a_failure_is_recorded_with_its_reason():
    study = read_study(QUICKSTART)
    trial = finished(propose(study, ON, plan(study)[0], Memory(study)), None, "went wrong")
    assert trial.state == optuna.trial.TrialState.FAIL
    record = to_record("joint", trial)
    assert record.objectives is None
    assert record.reason == "went wrong"


def test_turns_share_the_budget_equally():
    found = turns(["a", "b", "c"], [1, 3, 1], 12)
    assert [turn.regime for turn in found] == ["a", "b", "c"] * 2 + ["a"]
    assert [turn.index for turn in found] == [0, 0, 0, 1, 1, 1, 2]
    limited = turns(["a", "b", "c"], [1, 3, 1], 12, [1, 2, 9])
    assert [turn.regime for turn in limited] == ["a", "b", "c", "b", "c", "c", "c", "c"]
    assert turns(["a"], [1], 12, [2]) == (Turn(0, "a", 0), Turn(1, "a", 1))


def test_searches_take_turns_as_regimes_do():
    found = turns(["a", "b"], [1, 2], 10, [1, math.inf], searches=2)
    named = [(turn.search, turn.regime, turn.index) for turn in found]
    assert named == [
        (0, "a", 0), (0, "b", 0), (1, "a", 0), (1, "b", 0), (0, "b", 1), (1, "b", 1)
    ]  # fmt: skip
    assert [turn.number for turn in found] == list(range(6))


def test_whole_numbers_steps_and_fixed_values_of_wandb_files():
    study = read_study(
        QUICKSTART,
        [
            "training.batch_size={min: 16, max: 64}",
            "training.epochs={value: 2}",
            "regimes={hard_cgt: {tau: {min: 0.5, max: 0.9, distribution: q_uniform, q: 0.2}}}",
            "run_cap=40",
        ],
    )
    check(study, "quickstart")
    specs = [propose(study, ON, turn, Memory(study)).suggestion.specs[0] for turn in plan(study)]
    sizes = {spec.training["batch_size"] for spec in specs}
    assert {type(size) for size in sizes} == {int}
    assert {spec.training["epochs"] for spec in specs} == {2}
    assert {spec.regime.parameters["tau"] for spec in specs} == {0.5, 0.7, 0.9}


def test_in_a_space_that_is_nearly_exhausted_a_kept_memory_changes_nothing():
    rates = "training.learning_rate={values: [0.01, 0.02]}"
    study = read_study(QUICKSTART, [rates, "run_cap=1000", "startup=1"])
    joint = [turn.number for turn in plan(study) if turn.regime == "joint"]
    found = simulate(study, joint[-1] + 1, window=3, kept=True)
    assert found == simulate(study, joint[-1] + 1, window=3)
    assert len({str(found[number]) for number in joint}) == len(joint) == 6  # 3 presets, 2 rates
