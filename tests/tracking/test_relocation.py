"""Artifacts of a project that was moved, renamed or copied, in a real store."""

import shutil
import sqlite3

import pandas as pd
from mlflow.artifacts import download_artifacts
from mlflow.tracking import MlflowClient

from harness.core.trial_spec import Choice, TrialSpec
from harness.tracking.relocation import relocate
from harness.tracking.store import open_client
from harness.tracking.trial_log import TrialLog
from tests.tracking.conftest import METRICS, embedded, tracker

FRONTIER = pd.DataFrame({"threshold_1": [0.5], "relative_cost": [0.25], "accuracy": [0.75]})


def trial(seed):
    spec = TrialSpec("s", "d", Choice("b", {}, ""), Choice("joint", {}, ""), {}, seed)
    return TrialLog(spec, 0, METRICS, pd.DataFrame(), FRONTIER)


def log_trial(store, seed):
    tracker(store).log_trial("one", trial(seed))


def artifacts(store):
    """By address the frontiers that trials logged."""
    client = open_client(store)
    experiment = client.get_experiment_by_name("animals")
    runs = client.search_runs([experiment.experiment_id], "tags.`harness.kind` = 'trial'")
    found = {run.info.artifact_uri: f"{run.info.artifact_uri}/frontier.csv" for run in runs}
    return {uri: pd.read_csv(download_artifacts(file)) for uri, file in found.items()}


def files(folder):
    return {path for path in folder.rglob("*") if path.is_file()}


def test_a_moved_project_keeps_its_artifacts_and_its_models(store, tmp_path):
    log_trial(store, 0)
    client = MlflowClient(store.uri)
    folder = client.get_experiment_by_name("animals").artifact_location
    (run,) = client.search_runs(["1"], "tags.`harness.kind` = 'trial'")
    model = client.create_logged_model("1", name="net", source_run_id=run.info.run_id)
    assert model.artifact_location.startswith(f"{folder}/models/")
    client.create_registered_model("animals")
    client.create_model_version(
        "animals", model.artifact_location, run.info.run_id, model_id=model.model_id
    )

    root = store.artifacts.parents[1].rename(tmp_path / "moved, 100 % (new)")
    moved = embedded(root)
    ((address, frame),) = artifacts(moved).items()
    assert address.startswith(f"{moved.artifacts.as_uri()}/animals/")
    pd.testing.assert_frame_equal(frame, FRONTIER)
    client = MlflowClient(moved.uri)
    there = model.artifact_location.replace(folder, f"{moved.artifacts.as_uri()}/animals")
    assert client.get_logged_model(model.model_id).artifact_location == there
    assert client.get_model_version("animals", "1").source == there
    log_trial(moved, 1)
    assert len(artifacts(moved)) == 2


def test_a_copied_project_writes_into_the_copy_alone(store, tmp_path):
    log_trial(store, 0)
    root = store.artifacts.parents[1]
    before = files(root)
    copy = embedded(shutil.copytree(root, tmp_path / "copy"))
    log_trial(copy, 1)
    assert {path.parents[4] for path in files(copy.artifacts)} == {copy.artifacts.parent}
    assert len(artifacts(copy)) == 2
    assert len(artifacts(store)) == 1
    assert {path for path in files(root) if path.suffix == ".csv"} == {
        path for path in before if path.suffix == ".csv"
    }


def test_a_launch_writes_to_its_project_though_another_process_sees_that_elsewhere(store, tmp_path):
    ours = tracker(store)
    ours.log_trial("one", trial(0))
    relocate(store.artifacts.parent / "mlflow.db", tmp_path / "as in a container" / "mlartifacts")
    ours.log_trial("one", trial(1))
    assert len(artifacts(store)) == 2
    assert not (tmp_path / "as in a container").exists()


def test_a_folder_by_another_path_and_addresses_of_others_stay(store, tmp_path):
    log_trial(store, 0)
    client = MlflowClient(store.uri)
    others = ("s3://bucket/mlartifacts/x", f"file://{tmp_path}/mine")
    for number, location in enumerate(others):
        client.create_experiment(f"other {number}", artifact_location=location)
    mount = tmp_path / "mount"
    mount.symlink_to(store.artifacts.parents[1])
    before = addresses(store)
    relocate(mount / "results" / "mlflow.db", mount / "results" / "mlartifacts")
    assert addresses(store) == before


def test_an_address_that_only_begins_alike_stays(store, tmp_path):
    folder = store.artifacts.as_uri()
    MlflowClient(store.uri).create_experiment("alike", artifact_location=f"{folder}-old/x")
    MlflowClient(store.uri).create_experiment("ours", artifact_location=f"{folder}/x")
    root = store.artifacts.parents[1].rename(tmp_path / "mlartifacts")
    for _ in range(2):
        relocate(root / "results" / "mlflow.db", root / "results" / "mlartifacts")
        moved = embedded(root)
        assert {f"{folder}-old/x", f"{moved.artifacts.as_uri()}/x"} <= addresses(moved)


def addresses(store):
    with sqlite3.connect(store.uri.removeprefix("sqlite:///")) as connection:
        rows = connection.execute("SELECT artifact_location FROM experiments").fetchall()
        rows += connection.execute("SELECT artifact_uri FROM runs").fetchall()
    return {address for (address,) in rows}
