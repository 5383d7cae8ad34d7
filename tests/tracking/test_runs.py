"""What is logged of a study, and whose runs are touched, in a real store."""

import contextlib
import dataclasses

import pandas as pd
import pytest
from mlflow.tracking import MlflowClient

from harness.core.trial_spec import Choice, TrialSpec
from harness.results.launches import Origin
from harness.tracking import runs as module
from harness.tracking.runs import Tracker
from harness.tracking.trial_log import TrialLog
from tests.tracking.conftest import LAUNCH, METRICS, tracker

NONE = pd.DataFrame()


def log(seed=0, **fields):
    spec = TrialSpec("s", "d", Choice("b", {}, ""), Choice("joint", {}, ""), {}, seed)
    return TrialLog(spec, seed, METRICS, NONE, None, **fields)


@pytest.fixture
def runs(store):
    """All runs of a kind, the newest first."""
    client = MlflowClient(store.uri)

    def found(kind, study="animals"):
        experiment = client.get_experiment_by_name(study).experiment_id
        return client.search_runs([experiment], f"tags.`harness.kind` = '{kind}'")

    return found


def half_logged(store, monkeypatch, token, trial):
    """A trial whose logging to a server ends in the middle, as by kill -9."""

    def killed(*_):
        raise KeyboardInterrupt

    ours = tracker(store)
    with monkeypatch.context() as patch:
        patch.setattr(module, "one_transaction", contextlib.nullcontext)
        patch.setattr(MlflowClient, "set_terminated", killed)
        with pytest.raises(KeyboardInterrupt):
            ours.log_trial(token, trial)


def test_a_launch_that_logs_nothing_leaves_no_run(store, runs):
    idle = tracker(store)
    idle.finish_launch("one", {"hypervolume": 0.5}, "done")
    assert runs("launch") == []
    idle.log_trial("one", log(0))
    idle.log_trial("one", log(1))
    (parent,) = runs("launch")
    children = runs("trial")
    assert {r.data.tags["mlflow.parentRunId"] for r in children} == {parent.info.run_id}
    assert tracker(store, "one").newest_launch() == "one"


def test_a_launch_that_ends_before_its_first_trial_is_logged_leaves_no_run(
    store, runs, monkeypatch
):
    half_logged(store, monkeypatch, "one", log())
    assert len(runs("launch")) == 1
    again = tracker(store, "one")
    again.close_left_open("one")  # the same launch tries again, in vain
    again.finish_launch("one", {"hypervolume": 0.5}, "failed")
    assert (runs("launch"), runs("trial")) == ([], [])


def test_what_a_killed_launch_left_without_a_trial_is_deleted(store, runs, monkeypatch):
    half_logged(store, monkeypatch, "one", log())
    tracker(store, "one").close_left_open(None)
    assert (runs("launch"), runs("trial")) == ([], [])


def test_launches_of_another_kind_are_known_by_it(store, runs):
    tracker(store).log_trial("one", log(0))
    other = dataclasses.replace(
        LAUNCH, kind="check", name="animals anew", note="Other seeds.", tags={"stage": "check"}
    )
    ours = Tracker(store, Origin("animals", "i", ("one", "two")), other)
    assert ours.newest_launch() is None
    ours.log_trial("two", log(1))
    assert ours.newest_launch() == "two"
    assert tracker(store, "one", "two").newest_launch() == "one"
    (parent,) = runs("check")
    assert parent.info.run_name.startswith("animals anew 20")
    assert parent.data.tags["mlflow.note.content"] == "Other seeds."
    newest = runs("trial")[0].data.tags
    assert (newest["stage"], newest["mlflow.parentRunId"]) == ("check", parent.info.run_id)


def test_figures_of_a_launch_stay_single_values_however_often_it_ends(store, runs):
    ours = tracker(store)
    ours.log_trial("one", log())
    for _ in range(2):
        ours.finish_launch("one", {"hypervolume": 0.5}, "done")
    (parent,) = runs("launch")
    assert (parent.info.status, parent.data.tags["state"]) == ("FINISHED", "done")
    client = MlflowClient(store.uri)
    assert len(client.get_metric_history(parent.info.run_id, "hypervolume")) == 1


def test_what_a_killed_launch_left_open_is_closed_and_nothing_of_others(store, runs, monkeypatch):
    for token in ("ours", "a colleague"):
        tracker(store).log_trial(token, log(0))
        half_logged(store, monkeypatch, token, log(1))
    tracker(store, "ours").close_left_open(None)
    launches = {r.data.tags["harness.launch"]: r for r in runs("launch")}
    assert (launches["ours"].info.status, launches["ours"].data.tags["state"]) == (
        "KILLED", "killed"
    )  # fmt: skip
    assert launches["a colleague"].info.status == "RUNNING"
    left = [r for r in runs("trial") if r.info.status == "RUNNING"]
    assert [r.data.tags["harness.launch"] for r in left] == ["a colleague"]


def test_a_launch_that_goes_on_stays_open_without_what_it_half_logged(store, runs, monkeypatch):
    half_logged(store, monkeypatch, "ours", log())
    tracker(store, "ours").close_left_open("ours")
    assert [r.info.status for r in runs("launch")] == ["RUNNING"]
    assert runs("trial") == []


def test_a_trial_counts_as_logged_for_its_own_folder_and_study_alone(store):
    tracker(store).log_trial("one", log())
    key = log().spec.key
    assert tracker(store, "one").logged() == {key: False}
    assert tracker(store, "another").logged() == {}
    # Another exit policy under the name of the study: equal networks have other metrics.
    assert tracker(store, "one", identity="j").logged() == {}
    assert tracker(store, "one", identity="j").newest_launch() is None


def test_an_experiment_deleted_in_the_ui_is_restored_and_said(store, runs):
    before = tracker(store)
    before.log_trial("one", log(0))
    assert before.notice is None
    client = MlflowClient(store.uri)
    client.delete_experiment(client.get_experiment_by_name("animals").experiment_id)
    after = tracker(store, "one")
    assert "the experiment animals had been deleted in MLflow; it was restored" in after.notice
    assert after.logged() == {log(0).spec.key: False}
    after.log_trial("one", log(1))
    assert len(runs("trial")) == 2


def test_a_parent_run_deleted_in_the_ui_is_made_anew(store, runs, monkeypatch):
    monkeypatch.setattr(module, "_PARENT_SECONDS", 0)
    ours = tracker(store)
    ours.log_trial("one", log(0))
    (deleted,) = runs("launch")
    MlflowClient(store.uri).delete_run(deleted.info.run_id)
    ours.log_trial("one", log(1))
    (parent,) = runs("launch")
    assert parent.info.run_id != deleted.info.run_id


def test_a_failed_trial_keeps_its_curve_its_environment_and_why(store, runs):
    curve = pd.DataFrame({"train_loss": [2.0, 9.0]})
    spec = log().spec
    failed = TrialLog(
        spec, 3, {}, curve, None, seconds=2.5, reason="the loss is not finite",
        versions={"torch": "2.9"},
    )  # fmt: skip
    tracker(store).log_trial("one", failed)
    (run,) = runs("trial")
    assert run.info.status == "FAILED"
    assert run.info.end_time - run.info.start_time == 2500
    assert run.data.tags["reason"] == "the loss is not finite"
    assert run.data.tags["version.torch"] == "2.9"
    history = MlflowClient(store.uri).get_metric_history(run.info.run_id, "curve/train_loss")
    assert [(m.step, m.value) for m in history] == [(0, 2.0), (1, 9.0)]
