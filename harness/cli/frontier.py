"""`harness frontier`."""

from typing import Annotated

import typer

from harness.cli import locate, options, printing, publishing

SHOWN = ("regime", "trials", "failed", "points", "validation_hypervolume", "test_hypervolume")


def frontier(
    study: options.StudyName,
    as_json: options.AsJson = False,
    log: Annotated[
        bool, typer.Option(help="Put tables and pictures on MLflow's parent run too.")
    ] = True,
    tracking_uri: options.TrackingUri = None,
) -> None:
    """Find each regime's Pareto frontier on validation, and evaluate it once on test.

    Writes frontier.csv and .parquet, indices.csv, trials.parquet, metrics/, pareto.html and
    pareto.png below results/STUDY; for `harness compare` each seed's frontier (seeds.parquet) and
    its hypervolume on resampled test samples (hypervolumes.parquet); for `harness report` what
    chosen points do with each sample, budget and class (samples.parquet, budgets.json,
    classes.csv).

    Examples
    --------
        harness frontier quickstart

        harness frontier indian_pines --json | jq '.[0]'
    """
    from harness.analysis.frontier_stage import FRONTIER_STEPS, write_frontier
    from harness.cli.progress import StepBar
    from harness.core.budgets import at_budgets
    from harness.results.tables import records

    folder = locate.study_folder(study)
    with StepBar(folder.name, FRONTIER_STEPS) as bar:
        record, indices = write_frontier(folder, bar.step)
    if log:
        publishing.publish(folder, folder, tracking_uri)
    data = f"{record.manifest.provenance}, split {record.spec.split}"
    title = f"{record.name}: frontier of each regime, {data}"
    measure = record.measure
    shown = [*SHOWN, *at_budgets(f"test_{measure}"), f"test_best_{measure}"]
    printing.print_rows(title, records(indices if as_json else indices[shown]), as_json)
    typer.echo(f"written to {folder}: open {folder / 'pareto.html'}", err=True)
