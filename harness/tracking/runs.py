"""MLflow runs: an experiment per study, a parent run per launch, a child run per trial."""

import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
from mlflow.entities import Dataset as DatasetEntity
from mlflow.entities import DatasetInput, InputTag, Param, Run
from mlflow.store.artifact.artifact_repository_registry import get_artifact_repository
from mlflow.tracking import MlflowClient

from harness.results.launches import Origin
from harness.tracking.charts import scalars
from harness.tracking.experiments import (
    IDENTITY,
    KIND,
    LAUNCH,
    NOTE,
    open_experiment,
    own_runs,
    study_runs,
)
from harness.tracking.store import Store, follow_project, open_client
from harness.tracking.transaction import one_transaction
from harness.tracking.trial_log import TrialLog

_PARENT_SECONDS = 1.0
"""After which a launch's own run is looked up again: it may have been deleted in the UI."""
_RUNNING = "RUNNING"
_STATUS = {"done": "FINISHED", "failed": "FAILED"}
"""MLflow's status of a launch that ended in these states; in any other it stopped early."""
_RESTORED = (
    "the experiment {} had been deleted in MLflow; it was restored with its runs, as MLflow gives "
    "its name to no other"
)


@dataclass(frozen=True)
class DataTag:
    """The data set as MLflow shows it: name, content digest, provenance and profile."""

    name: str
    digest: str
    source: str
    profile: str


@dataclass(frozen=True)
class LaunchLog:
    """What MLflow shows of a launch beside its trials.

    Attributes
    ----------
    name
        Of its own run; when it was made is added.
    note
        Markdown: the description of its run until the study's summary takes its place.
    parameters
        Of its own run.
    tags
        Put on its run and those of its trials, such as the git commit.
    kind
        Tells launches that search a study (`launch`) from others that train networks of it: a
        summary, and trials that are logged later, belong to the newest launch of their kind.
    """

    name: str
    note: str
    data: DataTag
    parameters: Mapping[str, object]
    tags: Mapping[str, str]
    kind: str = "launch"


class Tracker:
    """Logs one study; every method may raise MLflow's errors, which the caller handles.

    A launch is named by its token; its parent run is made with the first trial that is logged.

    Attributes
    ----------
    notice
        What the user should know of the store, or None.
    """

    def __init__(self, store: Store, origin: Origin, launch: LaunchLog) -> None:
        self._store, self._client = store, open_client(store)
        self._origin = origin
        self._launch = launch
        self._parent: tuple[str, Run, float] | None = None
        self._experiment, restored = open_experiment(self._client, store, origin.study)
        self.notice = _RESTORED.format(origin.study) if restored else None

    def newest_launch(self) -> str | None:
        """Token of the newest launch of this kind that logged the study as it is."""
        runs = study_runs(self._client, self._experiment, self._launch.kind, self._origin)
        return next((run.data.tags[LAUNCH] for run in runs), None)

    def close_left_open(self, token: str | None) -> None:
        """End what a killed launch of this folder left open; `token` goes on.

        Runs of its trials that are half logged are deleted, and so is its own if no trial is left.
        The caller holds the folder's lock: no other launch of it is alive.
        """
        for run in self._left_open("trial"):
            self._client.delete_run(run.info.run_id)
        for run in self._left_open(self._launch.kind):
            if run.data.tags[LAUNCH] != token:
                self._end(run, "killed")

    def logged(self) -> dict[str, bool]:
        """The trials that were logged whole, for the study as it is: key, and whether it failed.

        One that failed and was trained since has not.
        """
        ended, found = {"FAILED": True, "FINISHED": False}, dict[str, bool]()
        for run in study_runs(self._client, self._experiment, "trial", self._origin):
            if run.info.status in ended:
                key = run.data.tags["key"]
                found[key] = found.get(key, True) and ended[run.info.status]
        return found

    def log_trial(self, token: str, log: TrialLog) -> None:
        """Log one trial as a child run of a launch; its end marks that all of it was logged."""
        follow_project(self._store)
        parent = self._parent_of(token)
        now, metrics = int(time.time() * 1000), log.drawn()
        tags = {
            "mlflow.parentRunId": parent.info.run_id,
            **self._tags("trial", token),
            "dataset": self._launch.data.name,
            **log.tags,
        }
        with one_transaction(self._client) as client:
            run = client.create_run(
                self._experiment,
                run_name=log.run_name,
                start_time=now - int(log.seconds * 1000),
                tags=tags,
            )
            run_id = run.info.run_id
            client.log_batch(run_id, metrics=metrics, params=_params(log.parameters))
            self._log_data(client, run)
            _log_tables(self._store, run.info.artifact_uri, log.tables)
            client.set_terminated(run_id, "FAILED" if log.reason else "FINISHED", now)

    def finish_launch(self, token: str, metrics: Mapping[str, float], state: str) -> None:
        """Put the study's figures on the run of a launch, if it logged a trial, and end it."""
        run = self._first(self._launch.kind, token)
        if run is None:
            return
        # A value logged twice would be drawn as a line of two points.
        changed = {k: v for k, v in metrics.items() if run.data.metrics.get(k) != v}
        self._client.log_batch(run.info.run_id, metrics=scalars(changed))
        self._end(run, state)

    def _end(self, run: Run, state: str) -> None:
        """End the run of a launch; without trials it would show nothing, and is deleted."""
        run_id = run.info.run_id
        if self._first("trial", run.data.tags[LAUNCH]) is None:
            self._client.delete_run(run_id)
            return
        self._client.set_tag(run_id, "state", state)
        self._client.set_terminated(run_id, _STATUS.get(state, "KILLED"))

    def _first(self, kind: str, token: str) -> Run | None:
        """A run of this kind that a launch logged."""
        of_launch = f"tags.`{KIND}` = '{kind}' AND tags.`{LAUNCH}` = '{token}'"
        found = self._client.search_runs([self._experiment], of_launch, max_results=1)
        return next(iter(found), None)

    def _parent_of(self, token: str) -> Run:
        """The run of a launch, made where there is none."""
        now = time.monotonic()
        if self._parent and self._parent[0] == token and now - self._parent[2] < _PARENT_SECONDS:
            return self._parent[1]
        run = self._first(self._launch.kind, token) or self._start_launch(token)
        self._parent = (token, run, now)
        return run

    def _start_launch(self, token: str) -> Run:
        with one_transaction(self._client) as client:
            run = client.create_run(
                self._experiment,
                run_name=f"{self._launch.name} {time.strftime('%Y-%m-%d %H:%M:%S')}",
                tags={**self._tags(self._launch.kind, token), NOTE: self._launch.note},
            )
            client.log_batch(run.info.run_id, params=_params(self._launch.parameters))
            self._log_data(client, run)
        return run

    def _left_open(self, kind: str) -> Iterator[Run]:
        runs = tuple(own_runs(self._client, self._experiment, kind, self._origin))
        return (run for run in runs if run.info.status == _RUNNING)

    def _tags(self, kind: str, token: str) -> dict[str, str]:
        known = {KIND: kind, LAUNCH: token, IDENTITY: self._origin.identity}
        return {**known, "study": self._origin.study, **self._launch.tags}

    def _log_data(self, client: MlflowClient, run: Run) -> None:
        data = self._launch.data
        entity = DatasetEntity(
            name=data.name,
            digest=data.digest[:36],
            source_type="harness",
            source=data.source,
            profile=data.profile,
        )
        tag = InputTag("mlflow.data.context", "train, validation")
        client.log_inputs(run.info.run_id, [DatasetInput(entity, [tag])])


def _log_tables(store: Store, artifacts: str, tables: Mapping[str, pd.DataFrame]) -> None:
    """Put tables among the artifacts of a run; a client would first ask where these are."""
    with tempfile.TemporaryDirectory() as folder:
        for name, table in tables.items():
            table.to_csv(Path(folder) / f"{name}.csv", index=False)
        repository = get_artifact_repository(artifacts, tracking_uri=store.uri)
        repository.log_artifacts(folder)  # type: ignore[no-untyped-call]


def _params(values: Mapping[str, object]) -> list[Param]:
    return [Param(name, str(value)) for name, value in values.items()]
