"""`harness report`."""

from typing import Annotated

import typer

from harness.cli import locate, options, publishing


def report(
    study: options.StudyName,
    log: Annotated[bool, typer.Option(help="Put it on MLflow's parent run too.")] = True,
    tracking_uri: options.TrackingUri = None,
) -> None:
    """Write results/STUDY/report.html: one file that opens without a network.

    Its figures lie beside it, below figures/, as PNG and SVG for papers.

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
    typer.echo(f"written: {page}")
