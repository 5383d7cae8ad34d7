"""`harness export` as a user runs it, and the model that MLflow then has."""

import json
import shutil
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from mlflow.tracking import MlflowClient

from harness.api.points import searched_frontier, searched_point
from harness.cli.app import main
from harness.export import programs
from harness.export.artifact import write_export
from harness.export.runtime import EarlyExitRuntime
from harness.policies import POLICIES
from harness.scaffold.new_file import TEMPLATES
from harness.study.sync import sync_study
from harness.tracking.store import Store

LOAD = """
import sys
sys.modules["harness"] = None
import mlflow, numpy
mlflow.set_tracking_uri(sys.argv[1])
model = mlflow.pyfunc.load_model(sys.argv[2])
model.predict(numpy.load(sys.argv[3])).to_csv(sys.argv[4], index=False)
assert not [name for name in sys.modules if name.startswith("harness.")]
"""


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


def test_the_chosen_point_is_exported_and_shown(in_project, harness, tmp_path):
    target = tmp_path / "out"
    arguments = ["--regime", "joint", "--point", "best-accuracy", "--output", target, "--no-log"]
    code, out, err = harness("export", "tiny", *arguments, "--json")
    assert code == 0, err
    found = json.loads(out)
    frame = pd.read_csv(in_project.folder / "frontier.csv")
    joint = frame[frame["regime"] == "joint"]
    best = joint.loc[joint["validation_accuracy"].idxmax()]
    assert (found["key"], found["model"]) == (best["key"], None)
    assert found["validation_accuracy"] == best["validation_accuracy"]
    thresholds = [best["threshold_1"], best["threshold_2"]]
    policy = POLICIES.get("max_softmax")()
    labels, exits, _ = in_project.expected(best["key"], thresholds, policy, "validation")
    predicted = EarlyExitRuntime(target).predict(in_project.raw("validation"))
    np.testing.assert_array_equal(predicted.labels, labels)
    np.testing.assert_array_equal(predicted.exits, exits)
    truth = in_project.split.validation.labels
    assert (predicted.labels == truth).mean() == pytest.approx(best["validation_accuracy"])
    code, out, err = harness("export", "tiny", *arguments)
    assert f"python {target / 'runtime.py'} {target / 'example.npy'}" in out.replace("\n", "")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["none"], "no such study"),
        (["tiny", "--regime", "none"], "--regime none: no point on the frontier; there are: boos"),
        (["tiny", "--key", "none"], "--key none: no point on the frontier"),
        (["tiny", "--cost", "0.5"], "nothing is confirmed on fresh seeds yet; `harness confirm"),
        (["tiny", "--axis", "latency"], "--axis and --device: go with --cost or --accuracy"),
        (["tiny", "--policy", "none"], "unknown name 'none' in policies"),
        (["tiny", "--selection", "none"], "unknown name 'none' in selections"),
        (["tiny", "--format", "jax"], "Invalid value for '--format'"),
        (["tiny", "--cost", "0.5", "--key", "k"], "--key and --selection: go with --point"),
        (["tiny", "--cost", "0.5", "--selection", "s"], "--key and --selection: go with --point"),
        (["tiny", "--cost", "0.5", "--accuracy", "0.5"], "give either --cost or --accuracy"),
        (["tiny", "--point", "middle"], "Invalid value for '--point'"),
        (["tiny", "--output", "studies"], "exists and is no export"),
    ],
)
def test_bad_input_ends_with_code_2(in_project, harness, arguments, message):
    code, _, err = harness("export", *arguments)
    assert code == 2
    assert message in err
    assert not (in_project.folder / "export").exists()


@pytest.fixture
def own_plugins(in_project):
    """The templates of a policy and of a selection as plug-ins of the project."""
    folder = in_project.project.plugins
    for kind in ("policies", "selections"):
        (folder / kind).mkdir(parents=True)
        shutil.copy(TEMPLATES / kind / "template.py", folder / kind / "mine.py")
    yield
    shutil.rmtree(folder)


@pytest.mark.usefixtures("own_plugins")
def test_a_user_s_policy_and_selection_are_exported(in_project, harness, tmp_path, use):
    use()  # what the command makes known is forgotten after the test
    target = tmp_path / "out"
    code, out, err = harness(
        "export", "tiny", "--regime", "joint", "--policy", "mine:{power: 1.5}", "--selection",
        "mine:{steps: 7}", "--point", "best-accuracy", "--output", target, "--no-log", "--json",
    )  # fmt: skip
    assert code == 0, err
    found = json.loads(out)
    assert found["thresholds"][0] == found["thresholds"][1]
    assert found["thresholds"][0] in np.linspace(0, 1, 7)
    manifest = json.loads((target / "manifest.json").read_text())
    assert manifest["policy"]["parameters"] == {"power": 1.5}
    assert (manifest["policy"]["name"], manifest["selection"]) == ("mine", "mine:{steps: 7}")
    policy = POLICIES.get("mine")(power=1.5)
    key, thresholds = in_project.key("joint"), found["thresholds"]
    labels, exits, confidence = in_project.expected(key, thresholds, policy, "test")
    predicted = EarlyExitRuntime(target).predict(in_project.raw("test"))
    np.testing.assert_array_equal(predicted.labels, labels)
    np.testing.assert_array_equal(predicted.exits, exits)
    np.testing.assert_allclose(predicted.confidence, confidence, atol=1e-5)
    truth = in_project.split.test.labels
    assert (predicted.labels == truth).mean() == pytest.approx(found["test_accuracy"])


@pytest.mark.usefixtures("own_plugins")
def test_a_policy_that_cannot_be_carried_is_refused_at_once(in_project, harness, tmp_path, use):
    use()
    file = in_project.project.plugins / "policies" / "mine.py"
    file.write_text(
        file.read_text().replace("import numpy", "import harness.results\nimport numpy")
    )
    code, _, err = harness("export", "tiny", "--policy", "mine", "--output", tmp_path / "out")
    assert code == 2
    assert "plugins.policies.mine imports harness.results, which an export cannot carry" in err
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("selection", ["exact_table", "budgeted", "risk_control"])
def test_points_of_every_selection_are_exported(in_project, tmp_path, selection):
    frontier = searched_frontier(in_project.folder, "pcee:{calibrated: true}", selection)
    deployed = searched_point(frontier, "joint", None, "best-accuracy")
    point = deployed.point
    arguments = (in_project.project, deployed.folder, deployed.record, point, tmp_path / "out")
    manifest = write_export(*arguments, frontier.choices)
    assert manifest.selection == selection
    predicted = EarlyExitRuntime(tmp_path / "out").predict(in_project.raw("test"))
    right = (predicted.labels == in_project.split.test.labels).mean()
    assert right == pytest.approx(point.measured["test_accuracy"])


@pytest.mark.usefixtures("in_project")
def test_without_what_writes_onnx_the_extra_is_named(harness, tmp_path, monkeypatch):
    monkeypatch.setattr(programs, "find_spec", lambda _: None)
    code, _, err = harness("export", "tiny", "--format", "onnx", "--output", tmp_path / "out")
    assert code == 2
    assert "not installed: `pip install 'harness[onnx]'`" in " ".join(err.split())


def test_before_the_frontier_stage_its_command_is_named(in_project, harness):
    frontier = in_project.folder / "frontier.csv"
    kept = frontier.read_bytes()
    frontier.unlink()
    try:
        code, _, err = harness("export", "tiny")
    finally:
        frontier.write_bytes(kept)
    assert (code, "run `harness frontier tiny`" in err) == (2, True)


@pytest.mark.usefixtures("in_project")
def test_a_dead_store_is_reported_and_the_folder_stays(harness, tmp_path):
    target = tmp_path / "out"
    code, out, err = harness(
        "export", "tiny", "--regime", "single_exit", "--point", "cheapest", "--output", target,
        "--tracking-uri", "http://127.0.0.1:9", "--json",
    )  # fmt: skip
    assert code == 0
    assert "not logged to MLflow (" in err
    assert json.loads(out)["model"] is None
    assert (target / "manifest.json").is_file()


@pytest.mark.job
def test_mlflow_loads_the_model_where_harness_is_not_installed(in_project, harness, tmp_path):
    project = in_project.project
    assert (
        sync_study(in_project.folder, Store(project.tracking_uri, project.artifacts)).fault is None
    )
    code, out, err = harness("export", "tiny", "--regime", "boosted", "--json")
    assert (code, err) == (0, "")
    found = json.loads(out)
    assert found["folder"] == "results/tiny/export"
    client = MlflowClient(project.tracking_uri)
    model = client.get_logged_model(found["model"].removeprefix("models:/"))
    run = client.get_run(model.source_run_id)
    assert (run.data.tags["key"], run.data.tags["harness.kind"]) == (found["key"], "trial")
    assert client.get_experiment(model.experiment_id).name == "tiny"

    inputs = in_project.raw("test").astype(np.float32)
    np.save(tmp_path / "inputs.npy", inputs)
    files = [tmp_path / "inputs.npy", tmp_path / "predictions.csv"]
    command = [sys.executable, "-c", LOAD, project.tracking_uri, found["model"], *files]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    predicted = pd.read_csv(files[1])
    expected = EarlyExitRuntime(project.root / found["folder"]).predict(inputs)
    np.testing.assert_array_equal(predicted["label"], expected.labels)
    np.testing.assert_array_equal(predicted["exit"], expected.exits)
    np.testing.assert_array_equal(predicted["class"], expected.labels)  # digits are their names
