"""A study's summary on the parent run of its newest launch."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from mlflow.entities import Experiment, Run
from mlflow.tracking import MlflowClient

from harness.core.errors import InputError
from harness.results.launches import Origin
from harness.tracking.charts import scalars
from harness.tracking.experiments import NOTE, find_experiment, study_runs
from harness.tracking.store import Store, open_client
from harness.tracking.views import REGIMES, TRIALS, view_address, view_tags

TABLES, FIGURES = "tables", "figures"


@dataclass(frozen=True)
class Summary:
    """Results of a study for its parent run: description, metrics, pages, tables and figures.

    Attributes
    ----------
    note
        Markdown, shown as the run's description.
    metrics
        Figures of the whole study and of each regime.
    pages
        Pictures and pages to open, the most important first.
    tables, figures
        Files of the folders `tables` and `figures`.
    pareto
        Keys of the trials on the frontier of their regime.
    """

    note: str
    metrics: Mapping[str, float]
    pages: tuple[Path, ...]
    tables: tuple[Path, ...]
    figures: tuple[Path, ...]
    pareto: frozenset[str]


def put_summary(store: Store, origin: Origin, summary: Summary) -> None:
    """Describe the newest launch of a study and tag the trials on a frontier `pareto=true`.

    Publishing again replaces what was there. Runs of others' studies of this name are left alone.

    Raises
    ------
    InputError
        The store knows no launch of this study. MLflow's own errors pass through.
    """
    client = open_client(store)
    experiment = find_experiment(client, origin.study)
    runs = experiment and study_runs(client, experiment.experiment_id, "launch", origin)
    run = next(runs, None) if runs else None
    if not experiment or not run:
        raise InputError(
            f"{store.shown}: no launch of {origin.study}; `harness sync {origin.study}` logs it"
        )
    run_id = run.info.run_id
    client.set_tag(run_id, NOTE, f"{summary.note}\n\n{_links(run, summary)}")
    # A value logged twice would be drawn as a line of two points.
    known = run.data.metrics
    changed = {k: v for k, v in summary.metrics.items() if known.get(k) != v}
    client.log_batch(run_id, metrics=scalars(changed))
    parts = ((None, summary.pages), (TABLES, summary.tables), (FIGURES, summary.figures))
    for folder, files in parts:
        for file in files:
            client.log_artifact(run_id, str(file), folder)
    _save_views(client, experiment)
    trials = tuple(study_runs(client, experiment.experiment_id, "trial", origin))
    for trial in trials:
        mark = str(trial.data.tags["key"] in summary.pareto).lower()
        if trial.data.tags.get("pareto") != mark:
            client.set_tag(trial.info.run_id, "pareto", mark)


def _links(run: Run, summary: Summary) -> str:
    """Links to pages and saved views, in the UI that shows the description."""
    experiment, run_id = run.info.experiment_id, run.info.run_id
    shown = [
        f"[{file.name}](#/experiments/{experiment}/runs/{run_id}/artifacts/{file.name})"
        for file in summary.pages
    ]
    return (
        f"**Open** {', '.join(shown)} (tab *Artifacts*; more below `{TABLES}/` and "
        f"`{FIGURES}/`), [all trials]({view_address(experiment, TRIALS)}) or "
        f"[the best of each regime]({view_address(experiment, REGIMES)}).\n\n"
        "Among the runs, sort by `hypervolume`, `accuracy` or `relative_cost`, filter by "
        "`tags.regime = 'joint'` or `tags.pareto = 'true'`."
    )


def _save_views(client: MlflowClient, experiment: Experiment) -> None:
    for key, value in view_tags(experiment.creation_time or 0).items():
        if experiment.tags.get(key) != value:
            client.set_experiment_tag(experiment.experiment_id, key, value)
