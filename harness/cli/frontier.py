"""`harness frontier`."""

from typing import TYPE_CHECKING, Annotated

import typer

from harness.cli import locate, options, printing, publishing

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

    from harness.results.study_record import StudyRecord

_LAST = ("validation_hypervolume", "trials", "failed", "points")


def frontier(
    study: options.StudyName,
    as_json: options.AsJson = False,
    log: Annotated[
        bool, typer.Option(help="Put tables and frontiers on MLflow's parent run too.")
    ] = True,
    tracking_uri: options.TrackingUri = None,
) -> None:
    """Find each regime's Pareto frontier of accuracy against cost on validation; evaluate on test.

    Writes tables below results/STUDY: the frontiers' operating points (frontier.csv and .parquet),
    a row per regime (indices.csv) and per trial (trials.parquet); for `harness compare` each seed's
    frontier (seeds.parquet) and its hypervolume on resampled test samples (hypervolumes.parquet);
    for `harness report` the chosen points by test sample, cost budget and class (samples.parquet,
    budgets.json, classes.csv). Of a confirmed study the tables over seeds are made of its fresh
    seeds too, in confirmation/, with what to deploy for each budget (recommendations.json) and
    metrics/ for DVC. `harness report` draws them.

    In a clone, without the outputs of the trials, the tables that git holds are shown.

    Examples
    --------
        harness frontier quickstart

        harness frontier indian_pines --json | jq '.[0]'
    """
    folder = locate.study_folder(study)
    from harness.analysis.frontier_stage import current_indices
    from harness.core.budgets import at_budgets
    from harness.report.exceeded import exceeded_note, mark_exceeded
    from harness.report.formats import cells
    from harness.report.remarks import remarks
    from harness.report.sheets import TEST_HEADS
    from harness.results.absent import outputs_are_here, outputs_wanted
    from harness.results.tables import records

    made = outputs_are_here(folder)
    record, indices = _made(folder) if made else current_indices(folder)
    if log and made:
        publishing.publish(folder, folder, tracking_uri)
    data = f"{record.manifest.provenance}, split {record.spec.split}"
    title = f"{record.name}: frontier of each regime on searched seeds (exploratory), {data}"
    measures = (f"test_best_{record.measure}", *at_budgets(f"test_{record.measure}"))
    names = ("regime", "test_hypervolume", *measures, *at_budgets("test_spent"), *_LAST)
    marked = mark_exceeded(indices[list(names)], "test_")
    title = f"{title}.{exceeded_note(marked)}" if exceeded_note(marked) else title
    shown = cells(marked, TEST_HEADS)
    printing.print_rows(title, records(indices if as_json else shown), as_json)
    if said := remarks(indices, "test_"):
        typer.echo(said.strip(), err=as_json)
    said = f"written to {folder}" if made else f"in {folder} are current, and stay as they are"
    typer.echo(
        f"tables {said}; next: harness compare {folder.name}; harness report {folder.name}",
        err=True,
    )
    if not made:
        printing.print_notes([outputs_wanted(folder)])


def _made(folder: "Path") -> "tuple[StudyRecord, pd.DataFrame]":
    from harness.analysis.frontier_stage import FRONTIER_STEPS, write_frontier
    from harness.cli.progress import StepBar

    with StepBar(folder.name, FRONTIER_STEPS) as bar:
        return write_frontier(folder, bar.step)
