"""MLflow runs: an experiment per study, a parent run per launch, a child run per trial."""

import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
from mlflow.entities import Dataset as DatasetEntity
from mlflow.entities import DatasetInput, InputTag, Param, Run
from mlflow.tracking import MlflowClient

from harness.core.trial_spec import TrialSpec
from harness.tracking.charts import by_cost, by_exit, curves, scalars
from harness.tracking.views import view_tags

_METRICS_PER_CALL = 900
"""MLflow takes at most 1,000 metrics in one call."""


@dataclass(frozen=True)
class Store:
    """Where MLflow keeps its runs.

    Attributes
    ----------
    uri
        Tracking URI, such as `sqlite:///results/mlflow.db` or a server's address.
    artifacts
        Folder for the artifacts of a local store; None leaves them to the server.
    """

    uri: str
    artifacts: Path | None


@dataclass(frozen=True)
class DataTag:
    """The data set as MLflow shows it: name, content digest, provenance and profile."""

    name: str
    digest: str
    source: str
    profile: str


@dataclass(frozen=True)
class TrialLog:
    """One trial as it is logged to MLflow.

    Attributes
    ----------
    curve
        One row per epoch; each column becomes a metric with the epoch as step.
    frontier
        The trial's validation frontier, kept as a CSV artifact; None for a failed trial.
    seconds
        How long it trained: the run's duration.
    reason
        Why the trial failed.
    """

    spec: TrialSpec
    configuration: int
    metrics: Mapping[str, float]
    curve: pd.DataFrame
    frontier: pd.DataFrame | None
    seconds: float = 0.0
    reason: str | None = None


class Tracker:
    """Logs one study; every method may raise MLflow's errors, which the caller handles.

    Parameters
    ----------
    study
        Name of the study: the experiment's name.
    tags
        Put on every run, such as the git commit.
    """

    def __init__(self, store: Store, study: str, data: DataTag, tags: Mapping[str, str]) -> None:
        self._client = MlflowClient(store.uri)
        self._study = study
        self._data = data
        self._tags = dict(tags)
        self._experiment = self._open_experiment(store.artifacts)

    def start_launch(self, parameters: Mapping[str, object]) -> str:
        """Create the parent run of a launch and return its id."""
        started = time.strftime("%Y-%m-%d %H:%M:%S")
        run = self._client.create_run(
            self._experiment,
            run_name=f"{self._study} {started}",
            tags={"harness.kind": "launch", "study": self._study, **self._tags},
        )
        self._client.log_batch(run.info.run_id, params=_params(parameters))
        self._log_data(run)
        return str(run.info.run_id)

    def logged_keys(self) -> frozenset[str]:
        """Keys of the trials whose logging was completed; half-logged runs are deleted."""
        keys = set()
        for run in self._trial_runs():
            if run.info.status == "RUNNING":
                self._client.delete_run(run.info.run_id)
            else:
                keys.add(run.data.tags["key"])
        return frozenset(keys)

    def log_trial(self, parent: str, log: TrialLog) -> None:
        """Log one trial as a child run; its end marks that all of it was logged."""
        spec = log.spec
        now = int(time.time() * 1000)
        static = f" static exit {spec.static_exit}" if spec.static_exit else ""
        run = self._client.create_run(
            self._experiment,
            run_name=f"{spec.regime.name} #{log.configuration} seed {spec.seed}{static}",
            start_time=now - int(log.seconds * 1000),
            tags={"mlflow.parentRunId": parent, **self._trial_tags(log)},
        )
        run_id = run.info.run_id
        parameters = {
            "seed": spec.seed,
            **{f"backbone.{k}": v for k, v in spec.backbone.parameters.items()},
            **{f"training.{k}": v for k, v in spec.training.items()},
            **{f"regime.{k}": v for k, v in spec.regime.parameters.items()},
        }
        metrics = [*scalars(log.metrics), *by_exit(log.metrics), *curves(log.curve)]
        if log.frontier is not None:
            metrics += by_cost(log.frontier)
        self._client.log_batch(
            run_id, metrics=metrics[:_METRICS_PER_CALL], params=_params(parameters)
        )
        for start in range(_METRICS_PER_CALL, len(metrics), _METRICS_PER_CALL):
            self._client.log_batch(run_id, metrics=metrics[start : start + _METRICS_PER_CALL])
        self._log_data(run)
        if log.frontier is not None:
            self._log_frame(run_id, log.frontier)
        self._client.set_terminated(run_id, "FAILED" if log.reason else "FINISHED", now)

    def finish_launch(self, parent: str, metrics: Mapping[str, float], state: str) -> None:
        """Put the study's figures on the parent run and end it."""
        self._client.log_batch(parent, metrics=scalars(metrics))
        self._client.set_tag(parent, "state", state)
        self._client.set_terminated(parent, "FINISHED" if state == "done" else "KILLED")

    def _open_experiment(self, artifacts: Path | None) -> str:
        found = self._client.get_experiment_by_name(self._study)
        if found is not None:
            return str(found.experiment_id)
        location = None if artifacts is None else (artifacts / self._study).resolve().as_uri()
        # The UI shows such experiments with the columns and charts of model training.
        tags = {"mlflow.experimentKind": "custom_model_development"}
        tags |= view_tags(int(time.time() * 1000))
        made = self._client.create_experiment(self._study, artifact_location=location, tags=tags)
        return str(made)

    def _trial_runs(self) -> list[Run]:
        runs: list[Run] = []
        token: str | None = None
        while True:
            page = self._client.search_runs(
                [self._experiment], "tags.`harness.kind` = 'trial'", page_token=token
            )
            runs.extend(page)
            token = page.token
            if not token:
                return runs

    def _trial_tags(self, log: TrialLog) -> dict[str, str]:
        spec = log.spec
        return {
            "harness.kind": "trial",
            "study": self._study,
            "key": spec.key,
            "configuration": str(log.configuration),
            "regime": spec.regime.name,
            "backbone": spec.backbone.name,
            "split": spec.split,
            "seed": str(spec.seed),
            "dataset": self._data.name,
            **self._tags,
            **({"reason": log.reason} if log.reason else {}),
        }

    def _log_data(self, run: Run) -> None:
        entity = DatasetEntity(
            name=self._data.name,
            digest=self._data.digest[:36],
            source_type="harness",
            source=self._data.source,
            profile=self._data.profile,
        )
        tag = InputTag("mlflow.data.context", "train, validation")
        self._client.log_inputs(run.info.run_id, [DatasetInput(entity, [tag])])

    def _log_frame(self, run_id: str, frame: pd.DataFrame) -> None:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "frontier.csv"
            frame.to_csv(path, index=False)
            self._client.log_artifact(run_id, str(path))


def _params(values: Mapping[str, object]) -> list[Param]:
    return [Param(name, str(value)) for name, value in values.items()]
