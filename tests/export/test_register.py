"""`harness register` as a user runs it, on a real store."""

import json
import shutil
import sys
from pathlib import Path

import mlflow
import numpy as np
import pandas as pd
import pytest
from mlflow.tracking import MlflowClient

from harness.cli.app import main
from harness.export.runtime import EarlyExitRuntime
from harness.results.stamp import STAMP, table_set
from harness.study.sync import sync_study
from harness.tracking.store import Store

ALIASES = ("best-accuracy", "knee", "cheapest-95")


@pytest.fixture
def harness(monkeypatch, capsys):
    def run(*arguments):
        monkeypatch.setattr(sys, "argv", ["harness", *map(str, arguments)])
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main()
        output = capsys.readouterr()
        return ended.value.code or 0, output.out, output.err

    return run


@pytest.fixture
def store(in_project, tmp_path, mlflow_tables):
    """A store of its own that knows the study's trials."""
    shutil.copy(mlflow_tables, tmp_path / "mlflow.db")
    made = Store(f"sqlite:///{tmp_path / 'mlflow.db'}", tmp_path / "artifacts")
    assert sync_study(in_project.folder, made).fault is None
    return made


@pytest.mark.job
def test_three_aliases_stay_with_their_versions_until_the_frontier_moves(
    in_project, harness, store, monkeypatch
):
    monkeypatch.setenv("MLFLOW_TRACKING_URI", store.uri)
    code, out, err = harness("register", "tiny", "--json")
    assert code == 0, err
    rows = {row["alias"]: row for row in json.loads(out)}
    assert tuple(rows) == ALIASES
    frame = pd.read_csv(in_project.folder / "frontier.csv")
    best = frame["validation_accuracy"].max()
    assert rows["best-accuracy"]["validation_accuracy"] == best
    enough = frame[frame["validation_accuracy"] >= 0.95 * best]
    assert rows["cheapest-95"]["validation_cost"] == enough["validation_cost"].min()

    client = MlflowClient(store.uri)
    model = client.get_registered_model("tiny")
    assert {a: int(v) for a, v in model.aliases.items()} == {
        alias: row["version"] for alias, row in rows.items()
    }
    assert "data digest" in model.description
    points = {(row["key"], str(row["thresholds"])) for row in rows.values()}
    made = client.search_model_versions("name = 'tiny'")
    assert {int(v.version) for v in made} == set(range(1, len(points) + 1))
    for version in made:
        run = client.get_run(version.run_id)
        assert run.data.tags["key"] == version.tags["key"]

    inputs = in_project.raw("test")[:40].astype(np.float32)
    before = mlflow.get_tracking_uri()
    mlflow.set_tracking_uri(store.uri)
    try:
        predicted = mlflow.pyfunc.load_model("models:/tiny@knee").predict(inputs)
    finally:
        mlflow.set_tracking_uri(before)
    expected = EarlyExitRuntime(in_project.folder / "models" / "knee").predict(inputs)
    np.testing.assert_array_equal(predicted["label"], expected.labels)
    np.testing.assert_array_equal(predicted["exit"], expected.exits)

    # Another most accurate point: a version more, and only that alias moves.
    changed = frame.copy()
    others = frame[frame["key"] != rows["best-accuracy"]["key"]]
    row = others["validation_cost"].idxmax()
    changed.loc[row, "validation_accuracy"] = best + 1e-9
    kept = {name: (in_project.folder / name).read_bytes() for name in ("frontier.csv", STAMP)}
    with table_set(in_project.folder, in_project.record) as tables:
        changed.to_csv(tables / "frontier.csv", index=False)
    try:
        code, out, err = harness("register", "tiny", "--json")
    finally:
        for name, content in kept.items():
            (in_project.folder / name).write_bytes(content)
    assert code == 0, err
    again = {row["alias"]: row for row in json.loads(out)}
    assert [again[alias]["new"] for alias in ALIASES] == [True, False, False]
    assert again["knee"]["version"] == rows["knee"]["version"]
    assert (
        client.get_model_version_by_alias("tiny", "best-accuracy").tags["key"]
        == (changed.loc[row, "key"])
    )
    assert len(client.search_model_versions("name = 'tiny'")) == len(points) + 1


@pytest.mark.job
@pytest.mark.usefixtures("in_project")
def test_points_under_another_policy_and_selection_are_registered(harness, store):
    options = ["--policy", "margin", "--selection", "budgeted", "--tracking-uri", store.uri]
    code, out, err = harness("register", "tiny", *options, "--json")
    assert code == 0, err
    for row in json.loads(out):
        manifest = json.loads((Path(row["folder"]) / "manifest.json").read_text())
        assert (manifest["policy"]["name"], manifest["selection"]) == ("margin", "budgeted")
        assert row["uri"] == f"models:/tiny@{row['alias']}"


@pytest.mark.usefixtures("in_project")
def test_a_trial_that_mlflow_lacks_is_an_error_and_nothing_is_registered(harness, tmp_path):
    uri = f"sqlite:///{tmp_path / 'empty.db'}"
    code, _, err = harness("register", "tiny", "--tracking-uri", uri)
    assert (code, "`harness sync tiny` logs it" in err) == (2, True)
    assert MlflowClient(uri).search_registered_models() == []
