"""The study's summary and pictures, put on its newest parent run."""

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from mlflow.tracking import MlflowClient

from harness.core.errors import InputError
from harness.tracking.runs import Store


@dataclass(frozen=True)
class Summary:
    """What a study came to.

    Attributes
    ----------
    note
        Markdown, shown as the run's description.
    files
        Artifacts: tables and pictures.
    pareto
        Keys of the trials on the frontier of their regime.
    """

    note: str
    files: tuple[Path, ...]
    pareto: frozenset[str]


def publish(store: Store, study: str, summary: Summary) -> None:
    """Describe the newest launch of a study and tag the trials on a frontier `pareto=true`.

    Raises
    ------
    InputError
        The store knows no launch of this study. MLflow's own errors pass through.
    """
    client = MlflowClient(store.uri)
    experiment = client.get_experiment_by_name(study)
    launches = experiment and client.search_runs(
        [experiment.experiment_id],
        "tags.`harness.kind` = 'launch'",
        order_by=["attributes.start_time DESC"],
        max_results=1,
    )
    if not experiment or not launches:
        raise InputError(f"{store.uri}: no launch of {study}; `harness sync {study}` logs it")
    run_id = launches[0].info.run_id
    client.set_tag(run_id, "mlflow.note.content", summary.note)
    for file in summary.files:
        client.log_artifact(run_id, str(file))
    _mark(client, experiment.experiment_id, summary.pareto)


def _mark(client: MlflowClient, experiment: str, pareto: Collection[str]) -> None:
    token: str | None = None
    while True:
        page = client.search_runs([experiment], "tags.`harness.kind` = 'trial'", page_token=token)
        for run in page:
            mark = str(run.data.tags["key"] in pareto).lower()
            if run.data.tags.get("pareto") != mark:
                client.set_tag(run.info.run_id, "pareto", mark)
        token = page.token
        if not token:
            return
