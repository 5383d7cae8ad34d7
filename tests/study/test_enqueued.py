"""Known configurations are a search's first ones, and leave the others as they are."""

import pytest

from harness.core.errors import InputError
from harness.study.checks import check
from harness.study.enqueued import enqueued
from harness.study.plan import plan, plan_notes, smoke
from harness.study.study_file import study_of
from tests.in_process import InProcess
from tests.study.test_promotion import FULL, run
from tests.study.test_proposer import Stop, simulate

SPACE = {
    **FULL,
    "backbone": {
        "name": "image_cnn",
        "parameters": {"widths": {"values": [[4, 8], [8, 8]]}, "exits": 2, "pool": 2},
    },
    "training": {
        "epochs": 1,
        "batch_size": {"values": [32, 64]},
        "learning_rate": {"min": 0.002, "max": 0.05},
        "weight_decay": {"min": 0.0, "max": 0.1, "step": 0.02},
    },
    "regimes": {
        "joint": {"preset": {"values": ["uniform", "branchynet"]}},
        "hard_cgt": {"tau": {"min": 0.5, "max": 0.9, "per_exit": True}},
    },
    "run_cap": 60,
    "seeds": [0],
}
KNOWN = (
    {
        "regime": "joint",
        "parameters": {"training.learning_rate": 0.01, "backbone.widths": [8, 8]},
    },
    {"regime": "hard_cgt", "parameters": {"regime.tau_1": 0.75, "training.weight_decay": 0.06}},
    {"regime": "joint", "parameters": {}},
)
GRID = {
    "training": {"epochs": 1, "learning_rate": {"values": [0.01, 0.02]}},
    "regimes": {"joint": {"preset": {"values": ["uniform", "branchynet"]}}},
}


def study(*known, **changes):
    return study_of({**SPACE, "enqueue": list(known), **changes}, "study")


def score(proposal):
    rate = proposal.asked.params["training.learning_rate"]
    return rate, 1 - rate


def drawn(found, number=24, **options):
    """The parameters of each regime's configurations, in order."""
    params = simulate(found, number, window=3, scored=score, **options)
    return {
        regime: [p for p, t in zip(params, plan(found), strict=False) if t.regime == regime]
        for regime in found.regimes
    }


@pytest.mark.parametrize("method", ["tpe", "nsga2", "random"])
def test_known_configurations_come_first_and_random_ones_stay_common(method):
    found = study(*KNOWN, method=method, startup=4, population=6)
    mine = drawn(found)
    first = mine["joint"][0]
    assert first["training.learning_rate"] == 0.01
    assert first["backbone.widths"] == "[8, 8]"
    assert first["training.batch_size"] in {32, 64}  # drawn
    assert mine["hard_cgt"][0]["regime.tau_1"] == 0.75
    assert mine["hard_cgt"][0]["training.weight_decay"] == 0.06
    # The n-th random draw of every regime shares what is no regime's own, as without known ones.
    plain = drawn(study(method=method, startup=4, population=6))
    shared = [name for name in plain["joint"][0] if name.startswith(("training.", "backbone."))]
    for n in range(4):
        rows = (mine["joint"][2 + n], mine["hard_cgt"][1 + n], plain["joint"][n])
        assert len({tuple(row[name] for name in shared) for row in rows}) == 1
    again = simulate(found, 24, window=3, stop=Stop(7, journal_lost=True), scored=score)
    assert again == simulate(found, 24, window=3, scored=score)


def test_gp_and_grid_begin_with_them_too():
    assert (
        drawn(study(*KNOWN, method="gp", startup=2), 8)["joint"][0]["backbone.widths"] == "[8, 8]"
    )
    whole = {"training.learning_rate": 0.02, "regime.preset": "branchynet"}
    known = {"regime": "joint", "parameters": whole}
    backbone = FULL["backbone"]
    found = study(known, method="grid", backbone=backbone, **GRID)
    check(found, "study")
    rows = drawn(found, 4)["joint"]
    assert rows[0] == whole
    assert len({tuple(sorted(row.items())) for row in rows}) == 4
    part = {"regime": "joint", "parameters": {"training.learning_rate": 0.02}}
    with pytest.raises(InputError, match=r"leaves out regime.preset; with method: grid"):
        check(study(part, method="grid", backbone=backbone, **GRID), "study")


def test_known_configurations_that_find_no_turn_are_told():
    assert plan_notes(study(*KNOWN, run_cap=3)) == ()
    (note,) = plan_notes(study(*KNOWN, run_cap=2))
    assert note == "enqueue: 2 configurations of joint, of which run_cap leaves 1 a turn"


def test_each_search_begins_with_them():
    found = study(*KNOWN, searches=2, window=3)
    params = simulate(found, 8, window=3, scored=score)
    firsts = [p for p, t in zip(params, plan(found), strict=False) if t.index == 0]
    rates = [each["training.learning_rate"] for each in firsts if "regime.preset" in each]
    assert rates == [0.01, 0.01]
    assert smoke(found).enqueue == ()


@pytest.mark.parametrize(
    ("parameters", "said"),
    [
        ({"training.learning_rate": 0.5}, "takes a number from 0.002 to 0.05, found 0.5"),
        ({"training.learning_rate": True}, "takes a number from 0.002 to 0.05, found True"),
        ({"training.weight_decay": 0.05}, "from 0 to 0.1 in steps of 0.02, found 0.05"),
        ({"training.batch_size": 48}, r"training.batch_size: takes one of \[32, 64\], found 48"),
        ({"backbone.widths": [4, 4]}, r"takes one of \[\(4, 8\), \(8, 8\)\], found \(4, 4\)"),
        ({"training.epochs": 3}, "training.epochs: the study file fixes it; searched are backbone"),
        ({"training.learning_rat": 0.01}, "training.learning_rat.*did you mean"),
        ({"regime.tau_1": 0.6}, "regime.tau_1"),
    ],
)
def test_what_may_not_be_drawn_is_refused_with_what_may(parameters, said):
    with pytest.raises(InputError, match=said) as refused:
        check(study({"regime": "joint", "parameters": parameters}), "file.yaml")
    assert str(refused.value).startswith("file.yaml: enqueue.0.parameters")


def test_a_regime_that_is_none_or_a_configuration_that_is_there_twice_is_refused():
    with pytest.raises(InputError, match=r"enqueue.0.regime: jiont is not one of the regimes"):
        study({"regime": "jiont"})
    with pytest.raises(InputError, match="a configuration of joint is there twice"):
        check(study(KNOWN[0], KNOWN[0]), "study")


def test_sampled_thresholds_and_whole_numbers_are_taken():
    settings = {"thresholds": {"selection": "sampled"}}
    training = {"epochs": {"min": 1, "max": 5}, "learning_rate": {"min": 1, "max": 2}}
    known = {
        "regime": "joint",
        "parameters": {"threshold_1": 0.5, "training.epochs": 3, "training.learning_rate": 1},
    }
    (found,) = enqueued(study(known, training=training, **settings), "joint")
    assert found == {"threshold_1": 0.5, "training.epochs": 3, "training.learning_rate": 1.0}
    assert list(map(type, found.values())) == [float, int, float]


def test_a_launch_begins_with_them_and_they_are_part_of_the_study(tracked, monkeypatch):
    monkeypatch.setattr("harness.study.run.Loky", InProcess)
    content = {**SPACE, "run_cap": 6, "enqueue": list(KNOWN[:2])}
    record = run(tracked, content)
    assert record.state == "done"
    first, second = record.configurations[:2]
    assert first.parameters["training.learning_rate"] == 0.01
    assert second.parameters["regime.tau_1"] == 0.75
    assert run(tracked, content).configurations == record.configurations
    with pytest.raises(InputError, match=r"(?s)another study of this name.*-enqueue:"):
        run(tracked, {**SPACE, "run_cap": 6})
