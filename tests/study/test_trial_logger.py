"""Logging a study while MLflow fails, comes back, or holds others' runs of the same name."""

import pandas as pd
import pytest
from mlflow.tracking import MlflowClient

from harness.results import study_record, trials
from harness.results.failures import Failure, FailureFacts, forget_failures, write_failure
from harness.results.launches import origin_of, read_launches
from harness.study import trial_logger as module
from harness.study.scoring import Scorer
from harness.study.sync import sync_study
from harness.study.trial_logger import TrialLogger
from harness.tracking import runs
from harness.tracking.runs import DataTag, LaunchLog, Tracker
from harness.tracking.store import Store
from tests.conftest import with_tables
from tests.made_up import REGIMES

TRIALS = 2 * len(REGIMES)
LAUNCH = LaunchLog("made_up", "", DataTag("data", "d", "here", "{}"), {}, {})


class Clock:
    """Time that passes only where a test says so."""

    now = 0.0

    def monotonic(self):
        return self.now


class Opened:
    """Opens the store of the project, unless it is down."""

    def __init__(self, project, folder, clock):
        self.store = Store(project.tracking_uri, project.artifacts)
        self.folder = folder
        self.record = study_record.read_study_record(folder)
        self.succeeded = self.record.succeeded()
        self.scorer = Scorer(self.record, folder)
        self.clock = clock
        self.down = False
        self.tried = 0

    def log(self, goes_on=False):
        return TrialLogger(self.scorer, self.connect, goes_on)

    def connect(self):
        self.tried += 1
        if self.down:
            self.clock.now += 10  # a server that answers nothing, until the call times out
            raise ConnectionError("no answer from http://me:hidden@mlflow.example")
        return Tracker(self.store, origin_of(self.folder, self.record), LAUNCH)

    def runs(self, kind):
        client = MlflowClient(self.store.uri)
        experiment = client.get_experiment_by_name(self.record.name).experiment_id
        return client.search_runs([experiment], f"tags.`harness.kind` = '{kind}'")


@pytest.fixture
def opened(project, mlflow_tables, folder, monkeypatch):
    """The store of a fresh project, for a study of made-up trials."""
    clock = Clock()
    monkeypatch.setattr(module, "time", clock)
    return Opened(with_tables(project, mlflow_tables), folder, clock)


def test_a_failed_call_is_made_up_for_with_a_later_trial(opened):
    log, (first, *others) = opened.log(), opened.succeeded
    opened.down = True
    log.log([first])
    assert log.fault == (
        "trials not logged to MLflow: up to 1 (ConnectionError: no answer from "
        "http://***@mlflow.example)"
    )
    opened.down = False
    for each in others:
        log.log([each])
    assert opened.tried == 1  # the store is left alone for a while
    opened.clock.now += 1000
    log.finish(opened.record)
    assert (log.fault, log.logged) == (None, TRIALS)
    assert len(opened.runs("trial")) == TRIALS
    (parent,) = opened.runs("launch")
    assert parent.info.status == "FINISHED"


def test_a_server_that_is_down_costs_a_launch_little_and_the_rest_is_counted(opened):
    log = opened.log()
    opened.down = True
    for _ in range(300):
        opened.clock.now += 10  # a configuration every ten seconds
        log.log([opened.succeeded[0]])
    assert opened.tried * 10 <= opened.clock.now / 15
    assert opened.tried > 2
    tried = opened.tried
    log.finish(opened.record.model_copy(update={"state": "interrupted"}))
    assert opened.tried == tried
    opened.clock.now += 10_000  # however long ago it failed last
    log.finish(opened.record.model_copy(update={"state": "interrupted"}))
    assert opened.tried == tried
    log.finish(opened.record)
    assert opened.tried == tried + 2
    assert "not logged to MLflow: up to 300 (ConnectionError" in log.fault


def test_a_trial_that_cannot_be_read_holds_up_no_other(opened):
    broken = opened.succeeded[1].keys[0]
    (trials.trial_folder(opened.folder, broken) / "outputs.npz").unlink()
    log = opened.log()
    for each in opened.succeeded:
        log.log([each])
    log.finish(opened.record)
    assert log.logged == TRIALS - 1
    assert log.fault.startswith("trials not logged to MLflow: 1 (")
    assert broken in log.fault
    assert [run.info.status for run in opened.runs("launch")] == ["FINISHED"]


def test_what_an_interrupt_half_logged_is_logged_once(opened, monkeypatch):
    def interrupted(*_):
        raise KeyboardInterrupt

    log = opened.log()
    with monkeypatch.context() as patch:
        patch.setattr(runs, "_log_tables", interrupted)
        with pytest.raises(KeyboardInterrupt):
            log.log([opened.succeeded[0]])
    log.finish(opened.record)
    (run,) = opened.runs("trial")
    assert run.info.status == "FINISHED"
    assert len(opened.runs("launch")) == 1


def test_logging_again_adds_nothing_and_goes_on_below_the_newest_launch(opened):
    first = opened.log()
    first.log([opened.succeeded[0]])
    first.finish(opened.record)
    (parent,) = opened.runs("launch")

    again = opened.log()
    again.log([opened.succeeded[0]])
    again.finish(opened.record)
    assert (again.logged, again.fault) == (0, None)
    assert [r.info.run_id for r in opened.runs("launch")] == [parent.info.run_id]

    sync = opened.log(goes_on=True)
    for each in opened.succeeded:
        sync.log([each])
    sync.finish(opened.record)
    assert sync.logged == TRIALS - 1
    assert [r.info.run_id for r in opened.runs("launch")] == [parent.info.run_id]
    assert len(read_launches(opened.folder)) == 1
    parents = {r.data.tags["mlflow.parentRunId"] for r in opened.runs("trial")}
    assert parents == {parent.info.run_id}


def test_sync_logs_the_data_of_the_record_and_no_commit_of_today(opened):
    outcome = sync_study(opened.folder, opened.store)
    assert (outcome.logged, outcome.notice) == (TRIALS, None)
    assert "not logged to MLflow: 1 (" in outcome.fault  # of the failed one nothing is stored
    run = opened.runs("trial")[0]
    assert run.data.tags["data_source"] == opened.record.manifest.provenance
    assert run.inputs.dataset_inputs[0].dataset.digest == opened.record.manifest.digest
    assert "git_commit" not in run.data.tags
    (parent,) = opened.runs("launch")
    assert (parent.info.status, parent.data.tags["state"]) == ("FINISHED", "done")


def test_a_colleague_s_runs_of_the_same_study_are_neither_counted_nor_touched(opened):
    theirs = opened.log()
    theirs.log([opened.succeeded[0]])  # and is still running
    (launch,) = opened.runs("launch")
    (opened.folder / "mlflow.json").unlink()  # this is another folder, then

    ours = opened.log()
    ours.log([opened.succeeded[0]])
    ours.finish(opened.record)
    assert ours.logged == 1
    by_id = {run.info.run_id: run for run in opened.runs("launch")}
    assert by_id[launch.info.run_id].info.status == "RUNNING"
    keys = [run.data.tags["key"] for run in opened.runs("trial")]
    assert keys == [opened.succeeded[0].keys[0]] * 2


def test_a_failed_trial_is_logged_with_its_reason_and_anew_once_it_trained(opened):
    failed, done = opened.record.failed()[0], opened.succeeded[0]
    spec = trials.read_trial(opened.folder, done.keys[0]).spec
    facts = FailureFacts(spec=spec, reason="the loss is not finite", seconds=1.5, versions={})
    write_failure(opened.folder, Failure(facts, pd.DataFrame({"train_loss": [2.5]})))
    trained = trials.trial_folder(opened.folder, spec.key)
    aside = trained.rename(opened.folder / "aside")
    again = failed.model_copy(update={"keys": (spec.key,)})
    for _ in range(2):
        log = opened.log()
        log.log([again])
        log.finish(opened.record)
    (run,) = opened.runs("trial")
    assert (run.info.status, run.data.tags["reason"]) == ("FAILED", "the loss is not finite")
    assert 2.5 in run.data.metrics.values()
    forget_failures(opened.folder)
    aside.rename(trained)
    log = opened.log()
    log.log([done.model_copy(update={"keys": (spec.key,)})])
    log.finish(opened.record)
    assert [run.info.status for run in opened.runs("trial")] == ["FINISHED", "FAILED"]
