"""A study's experiment in MLflow, and which of its runs are the study's own."""

import time
from collections.abc import Iterator

from mlflow.entities import Experiment, LifecycleStage, Run
from mlflow.tracking import MlflowClient

from harness.results.launches import Origin
from harness.tracking.store import Store
from harness.tracking.views import view_tags

KIND, LAUNCH, IDENTITY = "harness.kind", "harness.launch", "harness.study_id"
"""Tags of a run: `launch` (or another kind of it) or `trial`; its launch's token; its study."""
NOTE = "mlflow.note.content"
"""Tag that the UI shows as the description, in Markdown."""


def open_experiment(client: MlflowClient, store: Store, study: str) -> tuple[str, bool]:
    """Id of the experiment of a study, and whether it had been deleted and was restored.

    MLflow gives no second experiment the name of a deleted one.
    """
    found = client.get_experiment_by_name(study)
    if found is None:
        return _create(client, store, study), False
    deleted = found.lifecycle_stage == LifecycleStage.DELETED
    if deleted:
        client.restore_experiment(found.experiment_id)
    return str(found.experiment_id), deleted


def find_experiment(client: MlflowClient, study: str) -> Experiment | None:
    """The experiment of a study, or None where there is none or it was deleted."""
    found = client.get_experiment_by_name(study)
    return found if found and found.lifecycle_stage == LifecycleStage.ACTIVE else None


def own_runs(client: MlflowClient, experiment: str, kind: str, origin: Origin) -> Iterator[Run]:
    """Runs of a kind that launches of the study's folder logged, the newest first."""
    token: str | None = None
    while True:
        page = client.search_runs(
            [experiment],
            f"tags.`{KIND}` = '{kind}'",
            order_by=["attributes.start_time DESC"],
            page_token=token,
        )
        yield from (run for run in page if run.data.tags.get(LAUNCH) in origin.launches)
        token = page.token
        if not token:
            return


def study_runs(client: MlflowClient, experiment: str, kind: str, origin: Origin) -> Iterator[Run]:
    """Of its own runs those of the study as it is: an earlier one of this name is another."""
    runs = own_runs(client, experiment, kind, origin)
    return (run for run in runs if run.data.tags.get(IDENTITY) == origin.identity)


def _create(client: MlflowClient, store: Store, study: str) -> str:
    folder = None if store.artifacts is None else (store.artifacts / study).resolve().as_uri()
    # The UI shows such experiments with the columns and charts of model training.
    tags = {"mlflow.experimentKind": "custom_model_development"}
    tags |= view_tags(int(time.time() * 1000))
    return str(client.create_experiment(study, artifact_location=folder, tags=tags))
