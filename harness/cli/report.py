"""`harness report`."""

from typing import Annotated

import typer

from harness.cli import locate, options, publishing


def report(
    study: options.StudyName,
    log: Annotated[
        bool, typer.Option(help="Put page and figures on MLflow's parent run too.")
    ] = True,
    tracking_uri: options.TrackingUri = None,
) -> None:
    """Write the report of a study: report.html, pareto.html and .png, and figures/ for papers.

    All lie below results/STUDY. report.html is one file that opens without a network: comparisons
    with the baseline, frontiers, operating points by cost budget, and all figures with their data;
    figures/ holds them as PDF, SVG and PNG. pareto.html and pareto.png show the frontiers alone.
    Needs the tables of `harness frontier`.

    Example:

        harness report quickstart
    """
    from harness.cli.progress import StepBar
    from harness.report.stage import REPORT_STEPS, write_html

    folder = locate.study_folder(study)
    with StepBar(folder.name, REPORT_STEPS) as bar:
        page = write_html(folder, locate.current_project(), bar.step)
    if log:
        publishing.publish(folder, folder, tracking_uri, (page,))
    typer.echo(f"written: {page}; beside it pareto.html, pareto.png and figures/")
