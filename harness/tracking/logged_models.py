"""An exported network as an MLflow model, on the run of the trial that trained it."""

import logging
import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import mlflow.pyfunc
import numpy as np
import numpy.typing as npt
from mlflow.entities import LoggedModel, LoggedModelOutput, Run
from mlflow.models import Model, ModelSignature
from mlflow.tracking import MlflowClient
from mlflow.types import ColSpec, Schema, TensorSpec

from harness.core.errors import InputError
from harness.results.launches import Origin
from harness.tracking.experiments import find_experiment, study_runs
from harness.tracking.store import Store, open_client

# Saving a model copies a few small files: no progress bars, and no log of each step.
os.environ.setdefault("MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR", "false")
logging.getLogger("mlflow.pyfunc").setLevel(logging.WARNING)

CODE = Path(__file__).with_name("served.py")
OUTPUTS = {"label": "long", "class": "string", "exit": "long", "confidence": "double"}


@dataclass(frozen=True)
class ExportedNetwork:
    """An exported network as it is logged to MLflow.

    Attributes
    ----------
    origin, key
        The study and the trial that trained it.
    name
        The model's name.
    folder
        The exported folder, with its `runtime.py`.
    example
        float32 [B, channels, *space]: a few raw inputs.
    requirements
        Packages that it needs where it runs, as pip names them, with versions.
    parameters
        Shown as the model's parameters, such as its thresholds.
    """

    origin: Origin
    key: str
    name: str
    folder: Path
    example: npt.NDArray[np.float32]
    requirements: tuple[str, ...]
    parameters: Mapping[str, object]


def log_model(store: Store, network: ExportedNetwork) -> str:
    """Log the folder as a pyfunc model with signature and input example; returns its URI.

    Raises
    ------
    InputError
        The store knows no run of the trial. MLflow's own errors pass through.
    """
    client = open_client(store)
    run = _trial_run(client, store, network)
    made = client.create_logged_model(
        run.info.experiment_id,
        name=network.name,
        source_run_id=run.info.run_id,
        tags={"study": network.origin.study, "key": network.key},
        params={name: str(value) for name, value in network.parameters.items()},
        model_type="early-exit",
    )
    with tempfile.TemporaryDirectory() as scratch:
        path = Path(scratch) / "model"
        _save(path, made, network)
        client.log_model_artifacts(made.model_id, str(path))
    client.finalize_logged_model(made.model_id, "READY")
    client.log_outputs(run.info.run_id, [LoggedModelOutput(made.model_id, step=0)])
    return f"models:/{made.model_id}"


def _trial_run(client: MlflowClient, store: Store, network: ExportedNetwork) -> Run:
    origin = network.origin
    experiment = find_experiment(client, origin.study)
    runs = experiment and study_runs(client, experiment.experiment_id, "trial", origin)
    for run in runs or ():
        if run.data.tags["key"] == network.key:
            return run
    raise InputError(
        f"{store.shown}: no run of trial {network.key}; `harness sync {origin.study}` logs it"
    )


def _save(path: Path, made: LoggedModel, network: ExportedNetwork) -> None:
    inputs = TensorSpec(np.dtype(np.float32), (-1, *network.example.shape[1:]))
    outputs = Schema([ColSpec(kind, name) for name, kind in OUTPUTS.items()])
    mlflow.pyfunc.save_model(
        path,
        mlflow_model=Model(
            artifact_path=made.artifact_location,
            run_id=made.source_run_id,
            model_uuid=made.model_id,
            model_id=made.model_id,
        ),
        python_model=str(CODE),
        artifacts={"export": str(network.folder)},
        signature=ModelSignature(inputs=Schema([inputs]), outputs=outputs),
        input_example=network.example,
        pip_requirements=list(network.requirements),
    )
