"""An exported folder as an MLflow model; the folder here is a stand-in with known predictions."""

import shutil
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import mlflow.pyfunc
import numpy as np
import pandas as pd
import pytest
from mlflow.exceptions import MlflowException
from mlflow.tracking import MlflowClient

from harness.core.errors import InputError
from harness.core.trial_spec import Choice, TrialSpec
from harness.results.launches import Origin
from harness.tracking.logged_models import ExportedNetwork, log_model
from harness.tracking.store import Store
from harness.tracking.trial_log import TrialLog
from tests.tracking.conftest import METRICS, tracker

# Predicts the first value of each sample, with the second as confidence; leaves by exit 2.
RUNTIME = """
from collections import namedtuple
import numpy as np
Prediction = namedtuple("Prediction", "labels names exits confidence")
class EarlyExitRuntime:
    classes = ("cat", "dog")
    def __init__(self, folder):
        assert (folder / "manifest.json").is_file()
    def predict(self, inputs):
        assert inputs.dtype == np.float32
        two = np.full(len(inputs), 2)
        labels = inputs[:, 0, 0].astype(int)
        names = np.array(self.classes)[labels]
        return Prediction(labels, names, two, inputs[:, 0, 1].astype(float))
"""
EXAMPLE = np.array([[[1, 0.25, 0]], [[0, 0.5, 0]]], dtype=np.float32)
ORIGIN = Origin("animals", "i", ("one",))
SPEC = TrialSpec("s", "d", Choice("b", {}, ""), Choice("joint", {}, ""), {}, seed=0)


@pytest.fixture(scope="module")
def store(tmp_path_factory, mlflow_tables):
    folder = tmp_path_factory.mktemp("store")
    shutil.copy(mlflow_tables, folder / "mlflow.db")
    return Store(f"sqlite:///{folder / 'mlflow.db'}", folder / "artifacts")


@pytest.fixture
def network(tmp_path):
    folder = tmp_path / "export"
    folder.mkdir()
    (folder / "runtime.py").write_text(RUNTIME)
    (folder / "manifest.json").write_text("{}")
    parameters = {"thresholds": [0.5, float("inf")], "validation_accuracy": 0.75}
    return ExportedNetwork(
        ORIGIN, SPEC.key, "animals-joint", folder, EXAMPLE, ("numpy==2.4.6",), parameters
    )


@pytest.fixture(scope="module")
def logged(store):
    """The run of the only trial of a study."""
    trial = TrialLog(SPEC, 0, METRICS, pd.DataFrame(), None)
    tracker(store).log_trial("one", trial)
    client = MlflowClient(store.uri)
    experiment = client.get_experiment_by_name("animals").experiment_id
    (run,) = client.search_runs([experiment], "tags.`harness.kind` = 'trial'")
    tracker(store).log_trial("a colleague", trial)
    return run


def test_the_model_has_a_signature_an_example_and_the_trial_s_run(store, network, logged):
    uri = log_model(store, network)
    client = MlflowClient(store.uri)
    made = client.get_logged_model(uri.removeprefix("models:/"))
    assert (made.name, made.status, made.model_type) == ("animals-joint", "READY", "early-exit")
    assert (made.source_run_id, made.experiment_id) == (
        logged.info.run_id, logged.info.experiment_id
    )  # fmt: skip
    assert made.tags["key"] == SPEC.key
    assert made.params == {"thresholds": "[0.5, inf]", "validation_accuracy": "0.75"}
    run = client.get_run(logged.info.run_id)
    assert [output.model_id for output in run.outputs.model_outputs] == [made.model_id]
    assert (run.info.status, run.info.end_time) == ("FINISHED", logged.info.end_time)

    model = mlflow.pyfunc.load_model(made.artifact_location)
    expected = pd.DataFrame(
        {"label": [1, 0], "class": ["dog", "cat"], "exit": [2, 2], "confidence": [0.25, 0.5]}
    )
    pd.testing.assert_frame_equal(model.predict(EXAMPLE), expected)
    np.testing.assert_array_equal(model.input_example, EXAMPLE)
    inputs, outputs = model.metadata.signature.inputs, model.metadata.signature.outputs
    assert inputs.inputs[0].shape == (-1, 1, 3)
    assert outputs.input_names() == list(expected)
    needed = (Path(urlsplit(made.artifact_location).path) / "requirements.txt").read_text()
    assert [x for x in needed.splitlines() if not x.startswith("mlflow")] == ["numpy==2.4.6"]
    with pytest.raises(MlflowException, match="shape"):
        model.predict(np.zeros((2, 3), dtype=np.float32))


@pytest.mark.usefixtures("logged")
def test_the_tracking_address_of_the_process_stays(store, network):
    before = mlflow.get_tracking_uri()
    log_model(store, network)
    assert mlflow.get_tracking_uri() == before
    assert mlflow.active_run() is None


@pytest.mark.usefixtures("logged")
def test_a_trial_that_is_not_logged_is_an_error(store, network):
    unknown = replace(network, key="0" * 16)
    with pytest.raises(InputError, match=r"no run of trial 0{16}; `harness sync animals` logs it"):
        log_model(store, unknown)
    elsewhere = replace(network, origin=replace(ORIGIN, study="plants"))
    with pytest.raises(InputError, match="`harness sync plants`"):
        log_model(store, elsewhere)
    with pytest.raises(InputError, match="no run of trial"):
        log_model(store, replace(network, origin=replace(ORIGIN, launches=("another",))))
