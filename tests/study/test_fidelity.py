"""Rungs of epochs: every configuration is trained briefly, the better ones anew for longer."""

import pytest

from harness.analysis.frontier_stage import write_frontier
from harness.core.errors import InputError
from harness.report.sheets import regime_sheets
from harness.results import trials
from harness.results.extent import furthest, planned_now, trained_keys
from harness.results.study_record import CONFIGURATIONS, JOURNAL
from harness.study.candidates import candidates
from harness.study.checks import check
from harness.study.plan import plan, plan_notes, planned_trials, smoke
from harness.study.rungs import rungs
from harness.study.scoring import Scorer
from harness.study.study_file import study_of
from tests.in_process import InProcess
from tests.study.test_promotion import FULL, run, stops_after

TRAINING = {key: value for key, value in FULL["training"].items() if key != "epochs"}
RUNGS = {
    **FULL,
    "training": TRAINING,
    "seeds": [0],
    "run_cap": 30,
    "fidelity": {"epochs": [1, 2, 3], "keep": 0.4},
}


@pytest.fixture(autouse=True)
def in_process(monkeypatch):
    monkeypatch.setattr("harness.study.run.Loky", InProcess)


def test_the_rungs_are_planned_as_the_most_that_may_be_trained():
    study = study_of(RUNGS, "study")
    assert [each.training["epochs"] for each in rungs(study)] == [1, 2, 3]
    assert (len(plan(study)), planned_trials(study)) == (10, 30)
    (note,) = plan_notes(study)
    assert note.startswith("fidelity: 10 of the 30 trials are of 1 epoch, of all configurations")
    assert "about 16 trials in all where 40% do" in note
    assert smoke(study).fidelity is None


def test_the_better_ones_are_trained_anew_and_a_stopped_launch_decides_the_same(tracked):
    record = run(tracked, RUNGS)
    folder = tracked.results / "tiny"
    reached = [c.screened.rung for c in record.configurations]
    assert (record.state, len(reached)) == ("done", 10)
    assert set(reached) >= {0, 2}
    assert len(trials.stored_keys(folder)) == record.planned == sum(reached) + 10
    for each in record.configurations:
        epochs = [
            trials.read_trial(folder, key).spec.training["epochs"] for key in trained_keys(each)
        ]
        assert epochs == [*range(1, each.screened.rung + 2)]
        assert len(each.screened.hypervolumes) == min(each.screened.rung + 1, 2)
        assert len(each.keys) == 1
    half = record.model_copy(update={"planned": 30, "state": "interrupted"})
    assert planned_now(half) == record.planned
    # Every file of a lower rung is made again, and everything decided anew.
    lower = record.configurations[0].screened.lower[0]
    (folder / "trials" / lower / "result.json").unlink(missing_ok=True)
    for path in (folder / "trials" / lower).iterdir():
        path.unlink()
    assert run(tracked, RUNGS).configurations == record.configurations
    assert trials.has_result(folder, lower)
    for name in (JOURNAL, CONFIGURATIONS, "study.json"):
        (folder / name).unlink()
    assert run(tracked, RUNGS, watch=stops_after(6)).state == "interrupted"
    assert run(tracked, RUNGS).configurations == record.configurations

    write_frontier(folder)
    (sheet,) = regime_sheets([folder]).sheets
    assert "by the epochs that they were trained," in sheet.note
    last = {c.number for c in furthest(record.succeeded())}
    assert {c.number for c in candidates(record, Scorer(record, folder))} & last

    with pytest.raises(InputError, match=r"(?s)another study of this name.*trains its 60 trials"):
        run(tracked, {**RUNGS, "seeds": [0, 1], "run_cap": 60})
    more = {**RUNGS, "regimes": {**FULL["regimes"], "mixed": {}}, "run_cap": 45}
    grown = run(tracked, more)
    assert grown.configurations[:10] == record.configurations
    assert {c.regime for c in grown.configurations[10:]} == {"mixed"}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"training": {**TRAINING, "epochs": 5}}, "training.epochs: fidelity.epochs gives them"),
        ({"training": {**TRAINING, "epochs": {"min": 1, "max": 5}}}, r"gives them, \[1, 2, 3\]"),
        ({"fidelity": {"epochs": [5, 5]}}, r"epochs must rise, found \[5, 5\]"),
        ({"fidelity": {"epochs": [5]}}, "fidelity.epochs"),
        ({"fidelity": {"epochs": [0, 5]}}, "fidelity.epochs.0"),
        ({"seeds": [0, 1], "promote": {}}, "fidelity: not together with promote"),
    ],
)
def test_what_is_no_rung_is_refused(change, said):
    with pytest.raises(InputError, match=said):
        check(study_of({**RUNGS, **change}, "study"), "study")
