"""Studies on a Dask scheduler and workers in processes of their own, each host with its own folder.

Where Linux lets the tests make network namespaces each host is one, else all are this machine.
"""

import os
import random
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from mlflow.tracking import MlflowClient

from harness.cli import app
from harness.core.plugin_files import PluginFolder
from harness.data.load import ensure
from harness.results import study_record, trials
from harness.scaffold.new_file import new_file
from harness.study import run as running
from harness.study.executors.profile import Profile
from harness.study.run import LaunchOptions, run_study
from harness.study.study_file import read_study
from harness.study.workplace import cluster_slots
from harness.tracking.store import Store
from tests.conftest import REPOSITORY, make_project, with_tables
from tests.in_process import InProcess
from tests.study.executors.hosts import (
    Host,
    Network,
    namespaces_work,
    start_scheduler,
    start_worker,
)
from tests.study.test_launcher import STUDY as TINY

pytestmark = pytest.mark.job

STUDY = TINY.replace("run_cap: 12", "run_cap: 8")
OWN_PLUGINS = """
name: tiny
description: On plug-ins of one's own.
expected_duration: seconds
split: wines
backbone: {name: mlp}
training: {epochs: 2, batch_size: 32}
regimes: {mine: {strength: {min: 0.0, max: 1.0}}}
run_cap: 4
"""


def launch(project, profile=None, watch=lambda _: None):
    study = read_study(project.studies / "tiny.yaml")
    manifest = ensure(project, study.split, None, lambda *_: None)
    slots = cluster_slots(profile) if profile else LaunchOptions().slots
    options = LaunchOptions(slots, cluster=profile)
    store = Store(project.tracking_uri, project.artifacts)
    return run_study(project, study, manifest, options, store, watch)


@pytest.fixture
def made(tmp_path, mlflow_tables):
    project = with_tables(make_project(tmp_path / "launcher"), mlflow_tables)
    (project.studies / "tiny.yaml").write_text(STUDY)
    return project


@pytest.fixture(scope="module")
def alone(tmp_path_factory, mlflow_tables):
    """The same study on one machine."""
    made = make_project(tmp_path_factory.mktemp("alone") / "p")
    project = with_tables(made, mlflow_tables)
    (project.studies / "tiny.yaml").write_text(STUDY)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(running, "Loky", InProcess)
        launch(project)
    return project


@pytest.fixture(scope="module")
def hosts(tmp_path_factory):
    """A scheduler and two workers on hosts of their own, and the profile that names them.

    All tests share them, as their start takes longer than the studies; only the last test leaves
    them without a scheduler.
    """
    network = Network(tmp_path_factory.mktemp("hosts"), namespaces_work())
    try:
        head = network.host("head")
        scheduler = start_scheduler(head)
        workers = [network.host(name) for name in ("one", "two")]
        for host in workers:
            start_worker(host, scheduler)
        yield Profile(scheduler=scheduler, patience=300.0), head, workers
    finally:
        network.close()


def assert_same(project, alone):
    """Configurations, objectives and the outputs of all networks are bit for bit the same."""
    found, expected = (
        study_record.read_study_record(each.results / "tiny") for each in (project, alone)
    )
    assert found.state == "done"
    assert found.configurations == expected.configurations
    folder, expected_folder = (each.results / "tiny" for each in (project, alone))
    keys = trials.stored_keys(expected_folder)
    assert trials.stored_keys(folder) == keys
    for key in keys:
        for name in ("outputs.npz", "test.npz", "weights.npz"):
            here, there = (trials.trial_folder(f, key) / name for f in (folder, expected_folder))
            with np.load(here) as ours, np.load(there) as theirs:
                assert ours.files == theirs.files
                assert all(np.array_equal(ours[array], theirs[array]) for array in ours.files)
    assert not list(folder.glob("trials/.*"))


def stored(project):
    return len(trials.stored_keys(project.results / "tiny"))


def until(condition, seconds=300):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def launching(profile, *more):
    """The command that launches the study on a scheduler's workers."""
    code = "from harness.cli.app import main; main()"
    command = [sys.executable, "-c", code, "launch", "studies/tiny.yaml"]
    return [*command, "--scheduler", profile.scheduler, *more]


def launch_and_kill(project, command):
    """Kill a launcher once some of its trials are stored, and before all are."""
    process = subprocess.Popen(command, cwd=project.root)
    try:
        until(lambda: stored(project) >= 3)
    finally:
        process.kill()
        process.wait()
    assert stored(project) < 8


def test_hosts_without_a_shared_file_system_give_what_one_machine_gives(made, alone, hosts):
    profile, _, workers = hosts
    seen = []
    launch(made, profile, seen.append)
    assert_same(made, alone)
    assert max(progress.workers for progress in seen) == 2
    events = [event for progress in seen for event in progress.events]
    assert sum(" joined, " in event for event in events) == 2
    assert not any("refused" in event for event in events)
    for host in workers:  # each prepared the data for itself, and keeps no result
        (split,) = host.folder.glob("dask-scratch-space/harness/split-*/data/prepared/digits")
        assert (split / "manifest.json").is_file()
        assert not list(host.folder.rglob("weights.npz"))


def test_hosts_run_the_plugins_of_the_launcher(made, hosts, use, tmp_path, monkeypatch):
    """A data set, a backbone and a regime that no host has, sent along with the trials."""
    profile, _, workers = hosts
    names = {"dataset": "wines", "backbone": "mlp", "regime": "mine"}
    projects = {"cluster": made, "here": make_project(tmp_path / "here")}
    for each in projects.values():
        for kind, name in names.items():
            new_file(each, kind, name)
        with each.splits.open("a") as splits:
            splits.write("\n  wines: {dataset: wines, train: 0.5, validation: 0.25, seed: 0}\n")
        (each.studies / "tiny.yaml").write_text(OWN_PLUGINS)
    use(PluginFolder.read(made.plugins))
    launch(made, profile)
    use(PluginFolder.read(projects["here"].plugins))
    monkeypatch.setattr(running, "Loky", InProcess)
    launch(projects["here"])
    assert_same(made, projects["here"])
    assert not any(list(host.folder.rglob("mine.py")) for host in workers)


def test_a_killed_launcher_goes_on_where_it_stopped(made, alone, hosts):
    profile, _, _ = hosts
    launch_and_kill(made, launching(profile))
    shutil.rmtree(made.prepared)  # what the launcher needs is made again
    launch(made, profile)
    assert_same(made, alone)


def test_a_host_with_other_code_refuses_and_the_others_train(made, alone, hosts):
    profile, head, _ = hosts
    stale = Host("stale", made.root.parent / "stale", head.address, head.namespace)
    shutil.copytree(REPOSITORY / "harness", stale.folder / "harness")
    with (stale.folder / "harness" / "data" / "sets" / "digits.py").open("a") as code:
        code.write("\n_CHANGED = True\n")
    start_worker(stale, profile.scheduler, PYTHONPATH=str(stale.folder))
    try:
        until(lambda: "Registered to" in (stale.folder / "log").read_text())
        seen = []
        launch(made, profile, seen.append)
    finally:
        stale.kill()
    assert_same(made, alone)
    digest = study_record.read_study_record(made.results / "tiny").manifest.digest
    (refused,) = (e for progress in seen for e in progress.events if "refused" in e)
    assert re.search(rf"split digits: digest \w+ prepared here, {digest} by the launcher", refused)
    assert "worker stale at" in refused


def test_kills_at_random_moments_lose_nothing(made, alone, hosts):
    """Workers die, one host loses its power, the scheduler is killed and started again."""
    profile, head, workers = hosts
    port = int(profile.scheduler.rpartition(":")[2])
    random_moments = random.Random(7)  # noqa: S311
    killed, errors = [], []

    def worker_process():
        """The worker below its nanny, which starts another one."""
        host = random_moments.choice(workers)
        nanny = host.processes[-1].pid
        for pid in Path(f"/proc/{nanny}/task/{nanny}/children").read_text().split():
            if b"spawn_main" in Path(f"/proc/{pid}/cmdline").read_bytes():
                os.kill(int(pid), signal.SIGKILL)

    def power_cut():
        host = random_moments.choice(workers)
        host.kill()
        start_worker(host, profile.scheduler)

    def scheduler():
        head.kill()
        start_scheduler(head, port)
        for host in workers:
            host.kill()
            start_worker(host, profile.scheduler)

    def kill_some():
        try:
            for at, kill in ((1, worker_process), (3, power_cut), (5, scheduler)):
                until(lambda at=at: stored(made) >= at)
                time.sleep(random_moments.uniform(0, 0.5))
                kill()
                killed.append(kill)
        except BaseException as error:
            errors.append(error)

    thread = threading.Thread(target=kill_some)
    thread.start()
    outcome = launch(made, profile)
    thread.join()
    assert (errors, len(killed), outcome.errors) == ([], 3, ())
    assert_same(made, alone)


def test_with_a_database_and_an_mlflow_server_it_is_killed_and_goes_on(
    made, alone, hosts, database, mlflow_server
):
    """All that a cluster has: the scheduler, its hosts, PostgreSQL, and MLflow on PostgreSQL."""
    profile, _, _ = hosts
    mlflow_server.start()
    storage = database.url.replace("postgresql:", "postgresql+psycopg:")
    command = launching(profile, "--storage", storage, "--tracking-uri", mlflow_server.url)
    launch_and_kill(made, command)
    subprocess.run(command, cwd=made.root, check=True)
    assert_same(made, alone)
    assert not (made.results / "tiny" / study_record.JOURNAL).exists()
    recorded = study_record.read_study_record(made.results / "tiny").configurations
    (told,) = database.ask("SELECT count(*) FROM trials WHERE state = 'COMPLETE'")
    assert told == (len(recorded),)
    client = MlflowClient(mlflow_server.url)
    experiment = client.get_experiment_by_name("tiny").experiment_id
    logged = client.search_runs([experiment], "tags.`harness.kind` = 'trial'")
    assert Counter(run.data.tags["key"] for run in logged if run.info.status == "FINISHED") == (
        Counter(trials.stored_keys(made.results / "tiny"))
    )


def test_a_scheduler_that_is_gone_ends_the_launch_and_the_next_one_goes_on(
    made, alone, hosts, monkeypatch, capsys
):
    profile, head, _ = hosts
    file = made.root / "profile.yaml"
    file.write_text(f"scheduler: {profile.scheduler}\npatience: 2\n")
    monkeypatch.chdir(made.root)
    monkeypatch.setattr(
        sys, "argv", ["harness", "launch", "studies/tiny.yaml", "--profile", str(file)]
    )
    killer = threading.Thread(target=lambda: (until(lambda: stored(made) >= 2), head.kill()))
    killer.start()
    with pytest.raises(SystemExit) as ended:
        app.main()
    killer.join()
    said = capsys.readouterr()
    assert ended.value.code == 3
    assert "tiny: failed" in said.out
    assert f"the Dask scheduler {profile.scheduler} has not answered for 2 s" in said.err
    assert study_record.read_study_record(made.results / "tiny").state == "failed"
    monkeypatch.setattr(running, "Loky", InProcess)
    launch(made)
    assert_same(made, alone)
