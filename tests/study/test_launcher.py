"""Whole launches on real digits: to the end, killed, interrupted, failing, without MLflow."""

import contextlib
import json
import re
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pytest
import yaml
from mlflow.tracking import MlflowClient
from optuna.storages.journal import JournalFileSymlinkLock

from harness.analysis.frontier_stage import write_frontier
from harness.core.errors import DataError, HarnessError, InputError
from harness.core.project import Project
from harness.core.result_format import RESULT_FORMAT
from harness.data.load import ensure
from harness.results import checkpoint, study_record, trials
from harness.results.failures import forget_failures, has_failure
from harness.results.launches import LAUNCHES
from harness.study.interrupt import Stopped
from harness.study.progress import StudyProgress
from harness.study.run import LaunchOptions, LaunchOutcome, run_study
from harness.study.scoring import Scorer
from harness.study.slots import CPU
from harness.study.study_file import read_study
from harness.study.sync import SyncOutcome, sync_study
from harness.tracking.store import Store
from tests.conftest import make_project, with_tables
from tests.damage import emptied, garbled

STUDY = """
name: tiny
description: A study for tests.
expected_duration: seconds
split: digits
backbone: {name: image_cnn, parameters: {widths: [4, 8], exits: 2, pool: 2}}
training: {epochs: 2, batch_size: 64, learning_rate: {min: 0.002, max: 0.05}}
regimes: {joint: {}, hard_cgt: {tau: {min: 0.5, max: 0.9}}, single_exit: {}}
startup: 2
window: 3
seeds: [0]
run_cap: 12
"""


def write_study(project):
    path = project.root / "studies" / "tiny.yaml"
    path.write_text(STUDY)
    return path


@pytest.fixture
def study_file(tracked):
    return write_study(tracked)


# One worker unless two are the point: each imports torch, which takes longer than most studies.
def run(study_file, *overrides, store=None, workers=1, watch=lambda _: None, **options):
    project = Project(study_file.parents[1])
    study = read_study(study_file, overrides)
    manifest = ensure(project, study.split, None, lambda *_: None)
    store = store or Store(project.tracking_uri, project.artifacts)
    return run_study(
        project, study, manifest, LaunchOptions((CPU,) * workers, **options), store, watch
    )


def table(project, name="tiny"):
    folder = project.results / name
    write_frontier(folder)
    return pd.read_csv(folder / "frontier.csv")


@dataclass
class Launched:
    """A study that two workers brought to its end, and the progress that was watched."""

    project: Project
    study_file: Path
    outcome: LaunchOutcome
    seen: list[StudyProgress]


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory, mlflow_tables):
    project = with_tables(make_project(tmp_path_factory.mktemp("launch") / "p"), mlflow_tables)
    file, seen = write_study(project), []
    return Launched(project, file, run(file, workers=2, watch=seen.append), seen)


def test_a_study_runs_to_its_end_and_is_logged(undisturbed):
    project, outcome, seen = undisturbed.project, undisturbed.outcome, undisturbed.seen
    record = outcome.record
    assert (record.state, outcome.logging_fault) == ("done", None)
    assert [c.regime for c in record.configurations] == ["joint", "hard_cgt", "single_exit"] * 3
    assert (seen[-1].done, seen[-1].failed, seen[-1].planned) == (12, 0, 12)
    assert seen[-1].hypervolume > 0
    assert len(trials.stored_keys(project.results / "tiny")) == 12

    client = MlflowClient(project.tracking_uri)
    experiment = client.get_experiment_by_name("tiny")
    runs = client.search_runs([experiment.experiment_id])
    kinds = [run.data.tags["harness.kind"] for run in runs]
    assert (kinds.count("launch"), kinds.count("trial")) == (1, 12)
    child = next(r for r in runs if r.data.tags.get("regime") == "hard_cgt")
    assert child.data.tags["key"] in trials.stored_keys(project.results / "tiny")
    assert {"seed", "split", "dataset", "backbone", "git_commit"} <= child.data.tags.keys()
    assert child.inputs.dataset_inputs[0].dataset.digest == record.manifest.digest
    assert 0 < child.data.metrics["exits/accuracy"] <= 1
    assert len(client.get_metric_history(child.info.run_id, "curve/train_loss")) == 2
    artifacts = [file.path for file in client.list_artifacts(child.info.run_id)]
    assert artifacts == ["curve.csv", "figures.csv", "frontier.csv"]
    assert "training.learning_rate" in child.data.params

    before = study_record.read_study_record(project.results / "tiny")
    again = run(undisturbed.study_file)
    assert again.record.configurations == before.configurations
    runs = client.search_runs([experiment.experiment_id])
    kinds = [run.data.tags["harness.kind"] for run in runs]
    assert (kinds.count("launch"), kinds.count("trial")) == (1, 12)


@pytest.fixture
def copied(undisturbed, tmp_path):
    """A copy of the finished study, to be damaged."""
    shutil.copytree(undisturbed.project.root, tmp_path / "copied")
    return Project(tmp_path / "copied")


def test_what_was_lost_is_made_again_and_the_study_is_whole(copied, undisturbed, caplog):
    folder = copied.results / "tiny"
    before = study_record.read_study_record(folder)
    gone, damaged = (before.configurations[number].keys[0] for number in (0, 1))
    shutil.rmtree(trials.trial_folder(folder, gone))
    emptied(trials.trial_folder(folder, damaged) / "test.npz")
    with (folder / study_record.JOURNAL).open("ab") as journal:
        journal.truncate(journal.tell() - 20)  # a power cut
    run(copied.studies / "tiny.yaml")
    assert study_record.read_study_record(folder) == before
    assert "2 recorded trials are missing or damaged: training them anew" in caplog.text
    assert (folder / trials.DAMAGED / damaged).is_dir()
    pd.testing.assert_frame_equal(table(copied), table(undisturbed.project), check_exact=True)


@pytest.mark.parametrize("stop", [Stopped(signal.SIGINT), InputError("a file is not readable")])
def test_a_launch_that_ends_before_it_read_all_leaves_the_record_alone(copied, monkeypatch, stop):
    folder = copied.results / "tiny"
    names = (study_record.RECORD, study_record.CONFIGURATIONS, study_record.JOURNAL)
    before = {name: (folder / name).read_bytes() for name in names}
    (folder / checkpoint.FILE).unlink()  # so that all is read
    add = Scorer.add

    def stopped(scorer, configuration):
        if configuration.number == 2:
            raise stop
        add(scorer, configuration)

    monkeypatch.setattr(Scorer, "add", stopped)
    with contextlib.suppress(InputError):
        assert run(copied.studies / "tiny.yaml").signal == signal.SIGINT
    assert {name: (folder / name).read_bytes() for name in names} == before


def test_a_split_that_cannot_be_loaded_stops_the_launch(copied):
    garbled(copied.prepared / "digits" / "indices.npz")
    with pytest.raises(
        DataError, match=r"indices\.npz: not readable .*harness data prepare digits"
    ):
        run(copied.studies / "tiny.yaml", "run_cap=20")


def some_trials_are_stored(folder):
    return len(trials.stored_keys(folder)) >= 4


def a_launch_is_logged(folder):
    return (folder / LAUNCHES).exists()


def start_and_stop(study_file, signals, until, workers, *options, meanwhile=lambda _: None):
    """Launch in a process of its own and send it signals once the study's folder is as asked.

    Workers hold the launcher's streams: what reads these to their end waits for the workers too.
    """
    command = [sys.executable, "-c", "from harness.cli.app import main; main()"]
    command += ["launch", str(study_file), "--workers", str(workers), *options]
    root = study_file.parents[1]
    process = subprocess.Popen(command, cwd=root, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    folder = root / "results" / "tiny"
    deadline = time.monotonic() + 300
    try:
        while not until(folder):
            assert process.poll() is None, process.stderr.read()
            assert time.monotonic() < deadline
            time.sleep(0.02)
        meanwhile(process)
        for number in signals:
            process.send_signal(number)
        output = process.communicate(timeout=300)
    finally:
        process.kill()
    return process.returncode, output[0].decode(), output[1].decode()


def test_a_killed_launch_goes_on_to_the_same_table(project, study_file, undisturbed):
    # Its workers, of which one is in the middle of a trial, end with it.
    start_and_stop(
        study_file, [signal.SIGKILL], lambda f: len(trials.stored_keys(f)) > 3, workers=2
    )
    folder = project.results / "tiny"
    assert '"state": "running"' in (folder / "study.json").read_text()
    assert study_record.read_study_record(folder).state == "interrupted"
    (folder / f".study.json.{2**22}-x.json").touch()  # as a writer leaves it that is killed
    kept = {
        key: (folder / "trials" / key / "trial.json").read_text()
        for key in trials.stored_keys(folder)
    }
    assert 4 <= len(kept) < 12
    assert run(study_file).record.state == "done"
    assert {path.name for path in folder.rglob(".*")} == {".lock", checkpoint.FILE}
    assert all((folder / "trials" / k / "trial.json").read_text() == v for k, v in kept.items())

    pd.testing.assert_frame_equal(table(project), table(undisturbed.project), check_exact=True)

    runs = MlflowClient(project.tracking_uri)
    experiment = runs.get_experiment_by_name("tiny").experiment_id
    logged = runs.search_runs([experiment], "tags.`harness.kind` = 'trial'")
    keys = [r.data.tags["key"] for r in logged if r.info.status == "FINISHED"]
    assert sorted(keys) == sorted(trials.stored_keys(folder))
    launches = runs.search_runs([experiment], "tags.`harness.kind` = 'launch'")
    assert {r.info.status for r in launches} <= {"FINISHED", "KILLED"}


def test_a_study_in_a_database_equals_that_in_a_journal(copied, undisturbed, database, caplog):
    folder, study_file = copied.results / "tiny", copied.studies / "tiny.yaml"
    expected = (undisturbed.project.results / "tiny" / "configurations.jsonl").read_bytes()
    for name in (study_record.RECORD, study_record.CONFIGURATIONS, study_record.JOURNAL):
        (folder / name).unlink()
    cuts = []

    def cut(progress):
        if progress.done > 4 * len(cuts):
            cuts.append(database.cut())

    assert run(study_file, storage=database.url, watch=cut).record.state == "done"
    assert cuts
    assert (folder / study_record.CONFIGURATIONS).read_bytes() == expected
    assert not (folder / study_record.JOURNAL).exists()
    database.emptied()
    assert run(study_file, storage=database.url).record.state == "done"
    assert "no study tiny in this database: made anew with 9 configurations" in caplog.text
    assert (folder / study_record.CONFIGURATIONS).read_bytes() == expected


@pytest.mark.job
def test_a_launch_holds_its_study_in_the_database_until_it_is_killed(
    project, study_file, undisturbed, database, tmp_path
):
    elsewhere = write_study(make_project(tmp_path / "elsewhere"))
    command = [sys.executable, "-c", "from harness.cli.app import main; main()"]
    command += ["launch", str(elsewhere), "--storage", database.url]

    def second_launch(first):
        first.send_signal(signal.SIGSTOP)  # it holds the study, and does not end meanwhile
        root = elsewhere.parents[1]
        done = subprocess.run(command, check=False, cwd=root, capture_output=True, text=True)
        assert done.returncode == 2
        assert re.search(r"study tiny is running \(process \d+ on \S+, since 2", done.stderr)
        assert "Traceback" not in done.stderr

    options = ("--storage", database.url)
    begun = some_trials_are_stored
    start_and_stop(study_file, [signal.SIGKILL], begun, 2, *options, meanwhile=second_launch)
    folder = project.results / "tiny"
    assert study_record.read_study_record(folder).state == "interrupted"
    assert run(study_file, storage=database.url).record.state == "done"
    known, expected = (
        (each.results / "tiny" / study_record.CONFIGURATIONS).read_bytes()
        for each in (project, undisturbed.project)
    )
    assert known == expected


@pytest.mark.parametrize("target", ["optuna.journal", "results/tiny/optuna.journal"])
def test_a_lock_left_by_a_killed_launch_holds_nobody_up(project, study_file, monkeypatch, target):
    run(study_file, "run_cap=1")
    lock = project.results / "tiny" / "optuna.journal.lock"
    lock.symlink_to(target)
    acquire = JournalFileSymlinkLock.acquire

    def at_once(optunas):
        assert not lock.is_symlink(), "Optuna would wait for it"
        return acquire(optunas)

    monkeypatch.setattr(JournalFileSymlinkLock, "acquire", at_once)
    assert run(study_file, "run_cap=4").record.state == "done"
    assert not lock.is_symlink()


@pytest.mark.job
def test_a_stop_keeps_finished_trials_and_says_so(project, study_file):
    signals = [signal.SIGTERM] * 3  # a terminal and a parent process may both send one
    # Seconds are left to the launch when the signal comes.
    study_file.write_text(STUDY.replace("epochs: 2", "epochs: 12"))
    code, output, said = start_and_stop(
        study_file, signals, lambda f: (f / LAUNCHES).exists(), workers=1
    )
    assert code == 128 + signals[0]
    assert "stopping" in said
    assert "interrupted" in output
    folder = project.results / "tiny"
    assert '"state": "interrupted"' in (folder / "study.json").read_text()
    assert 1 <= len(trials.stored_keys(folder)) < 12
    client = MlflowClient(project.tracking_uri)
    experiment = client.get_experiment_by_name("tiny").experiment_id
    (parent,) = client.search_runs([experiment], "tags.`harness.kind` = 'launch'")
    assert (parent.info.status, parent.data.tags["state"]) == ("KILLED", "interrupted")


@pytest.mark.job
def test_errors_end_the_launch_and_the_next_one_takes_them_up(project, study_file):
    folder = project.results / "tiny"
    folder.touch()
    with pytest.raises(HarnessError, match=r"tiny.*File exists.*mend the cause"):
        run(study_file, "run_cap=2")
    folder.unlink()
    folder.mkdir()
    # No trial can be written.
    (folder / "trials").touch()
    outcome = run(study_file, "run_cap=2")
    record = outcome.record
    assert (record.state, record.configurations) == ("failed", ())
    assert len(outcome.errors) == 2
    assert re.match(
        r"#0 joint seed 0 \(\w{16}\): (FileExists|NotADirectory)Error", outcome.errors[0]
    )
    assert not (folder / "failures").exists()
    (folder / "trials").unlink()
    again = run(study_file, "run_cap=2")
    assert (again.record.state, again.errors) == ("done", ())
    assert len(again.record.succeeded()) == 2


def test_failed_trials_are_recorded_and_logged_and_the_study_goes_on(project, study_file):
    plain = yaml.safe_load(STUDY)
    plain["regimes"] = {"joint": {}, "soft_cgt": {}}
    plain["training"] |= {"optimizer": "sgd", "schedule": "cosine", "learning_rate": 9.0}
    # With this decay every step multiplies the weights by -8: they overflow.
    plain["training"]["weight_decay"] = {"values": [0.0, 1.0]}
    plain["training"]["epochs"] = 8
    plain["run_cap"] = 8
    study_file.write_text(yaml.safe_dump(plain))
    outcome = run(study_file)
    failed = outcome.record.failed()
    assert 0 < len(failed) < 8
    assert all("the loss is not finite" in c.reason for c in failed)
    assert outcome.record.state == "done"
    client = MlflowClient(project.tracking_uri)
    experiment = client.get_experiment_by_name("tiny").experiment_id
    runs = client.search_runs([experiment], "attributes.status = 'FAILED'")
    assert {r.data.tags["key"] for r in runs} == {k for c in failed for k in c.keys}
    assert all("not finite" in r.data.tags["reason"] for r in runs)
    kept = [[f.path for f in client.list_artifacts(r.info.run_id)] for r in runs]
    assert kept == [["curve.csv"]] * len(runs)

    folder = project.results / "tiny"
    forget_failures(folder)  # they are not needed to go on
    assert run(study_file).record == outcome.record
    assert not has_failure(folder, failed[0].keys[0])
    stored = trials.stored_keys(folder)
    stamps = {key: trials.trial_folder(folder, key).stat().st_mtime_ns for key in stored}
    assert run(study_file, retry_failed=True).record == outcome.record
    assert {key: trials.trial_folder(folder, key).stat().st_mtime_ns for key in stored} == stamps
    assert all(has_failure(folder, key) for c in failed for key in c.keys)


def test_without_mlflow_results_stay_and_sync_logs_them_later(project, study_file):
    nowhere = Store("http://127.0.0.1:9", None)
    outcome = run(study_file, "run_cap=4", store=nowhere)
    assert outcome.record.state == "done"
    assert outcome.logging_fault.startswith("trials not logged to MLflow: up to 4 (")
    folder = project.results / "tiny"
    assert len(trials.stored_keys(folder)) == 4
    store = Store(project.tracking_uri, project.artifacts)
    assert sync_study(folder, store) == SyncOutcome(4, None, None)
    assert sync_study(folder, store) == SyncOutcome(0, None, None)
    assert sync_study(folder, nowhere).fault


def test_more_trials_take_up_where_it_stopped(study_file):
    first = run(study_file, "run_cap=4").record
    second = run(study_file).record
    assert second.configurations[: len(first.configurations)] == first.configurations
    assert len(second.configurations) == 9
    fewer = run(study_file, "run_cap=4").record
    assert (fewer.state, fewer.configurations) == ("done", second.configurations)


def test_a_changed_study_is_refused_with_the_difference(study_file):
    run(study_file, "run_cap=1")
    with pytest.raises(InputError, match=r"(?s)another study of this name.*\+  epochs: 3"):
        run(study_file, "training.epochs=3")
    with pytest.raises(InputError, match="--workers 4: the study proposes 3"):
        run(study_file, workers=4)


def test_a_restart_uses_equal_trials_again_and_drops_the_others(project, study_file):
    run(study_file, "run_cap=4")
    folder = project.results / "tiny"
    before = set(trials.stored_keys(folder))
    stamps = {key: (folder / "trials" / key).stat().st_mtime_ns for key in before}
    changed = (study_file, "regimes={joint: {}, mixed: {}}", "run_cap=4")
    # The restart does not come to its end: the launch that does deletes what is left over.
    early = run(*changed, "time_cap_minutes=0.0001", restart=True).record
    assert early.state == "out of time"
    assert before <= set(trials.stored_keys(folder))
    record = run(*changed).record
    assert (record.state, len(record.configurations)) == ("done", 4)
    after = set(trials.stored_keys(folder))
    assert after == {key for c in record.configurations for key in c.keys}
    kept = before & after
    assert kept  # the first configuration of joint is the same in both studies
    assert {key: (folder / "trials" / key).stat().st_mtime_ns for key in kept} == {
        key: stamps[key] for key in kept
    }
    assert run(*changed).record == record


def test_a_restart_that_was_stopped_drops_the_others_once_it_is_done(project, study_file):
    run(study_file, "run_cap=4")
    changed = ("regimes={joint: {}, mixed: {}}", "run_cap=4")
    stopped = run(study_file, *changed, "time_cap_minutes=0.0001", restart=True).record
    assert stopped.state == "out of time"
    record = run(study_file, *changed).record
    assert record.state == "done"
    kept = {key for c in record.configurations for key in c.keys}
    assert set(trials.stored_keys(project.results / "tiny")) == kept


def test_a_changed_split_is_refused_and_restarts(project, study_file):
    old = run(study_file, "run_cap=1").record
    splits = yaml.safe_load(project.splits.read_text())
    splits["splits"]["digits"]["seed"] = 7
    project.splits.write_text(yaml.safe_dump(splits))
    with pytest.raises(InputError, match=rf"(?s)--restart.*-data digest: {old.manifest.digest}"):
        run(study_file, "run_cap=1")
    new = run(study_file, "run_cap=1", restart=True).record
    assert new.manifest.digest != old.manifest.digest
    assert trials.stored_keys(project.results / "tiny") == new.configurations[0].keys


def test_a_study_of_the_last_format_is_refused_and_restarts(project, study_file):
    """As one that was written before the format was stored: without it, under another key."""
    (key,) = run(study_file, "run_cap=1").record.configurations[0].keys
    folder = project.results / "tiny"
    old = (folder / "trials" / key).rename(folder / "trials" / "0123456789abcdef")
    for path in (folder / "study.json", old / "trial.json"):
        plain = json.loads(path.read_text())
        path.write_text(json.dumps({k: v for k, v in plain.items() if k != "format"}))
    with pytest.raises(InputError, match=rf"What changed:\n-format: 2\n\+format: {RESULT_FORMAT}$"):
        run(study_file, "run_cap=1")
    assert trials.stored_keys(folder) == (old.name,)
    record = run(study_file, "run_cap=1", restart=True).record
    assert (record.state, record.configurations[0].keys) == ("done", (key,))
    assert trials.stored_keys(folder) == (key,)


def test_sampled_thresholds_give_one_point_a_trial(project, study_file):
    run(study_file, "thresholds.selection=sampled", "run_cap=3")
    frame = table(project)
    early = frame[frame["static_exit"] == 0]
    assert (early["threshold_1"] >= 0.3).all()
    assert len(early) == early["key"].nunique()


def test_time_runs_out(study_file):
    record = run(study_file, "time_cap_minutes=0.0001").record
    assert record.state == "out of time"
    assert len(record.configurations) < 9
    assert run(study_file).record.state == "done"
