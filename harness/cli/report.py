"""`harness report`."""

from typing import Annotated

import typer

from harness.cli import locate, options, publishing


def report(
    studies: Annotated[
        list[str],
        typer.Argument(
            help="Name of a launched study, or its study file; several for a page that puts them "
            "side by side.",
            metavar="STUDY...",
        ),
    ],
    log: Annotated[
        bool,
        typer.Option(
            help="Put page and figures on MLflow's parent run too; a page of several studies is "
            "not logged."
        ),
    ] = True,
    tracking_uri: options.TrackingUri = None,
) -> None:
    """Write the report of a study, or one page that puts several studies side by side.

    Of one study all lies below results/STUDY. report.html is one file that opens without a network:
    comparisons with the baseline, frontiers, operating points by cost budget, and all figures with
    their data; figures/ holds them for papers, as PDF, SVG and PNG. pareto.html and pareto.png show
    the frontiers alone.

    Several studies make results/A+B.html, one file as well, with a column per study: what was found
    and what may not be concluded, the frontiers of the same regimes in the same colours, and what
    is recommended within a cost budget. Below them are the gains of all regimes over the baseline,
    and their ranks over the studies. The studies may differ in data and score; the page says what
    may not be compared.

    Needs the tables of `harness frontier`.

    Examples
    --------
        harness report quickstart

        harness report quickstart indian_pines_small
    """
    from harness.cli.progress import StepBar
    from harness.report.side_by_side import write_side_by_side
    from harness.report.stage import REPORT_STEPS, write_html

    folders = [locate.study_folder(study) for study in studies]
    if len(folders) > 1:
        with StepBar(", ".join(folder.name for folder in folders), len(folders) + 1) as bar:
            page = write_side_by_side(folders, locate.current_project().results, bar.step)
        typer.echo(f"written: {page}")
        return
    folder = folders[0]
    with StepBar(folder.name, REPORT_STEPS) as bar:
        page = write_html(folder, locate.current_project(), bar.step)
    if log:
        publishing.publish(folder, folder, tracking_uri, (page,))
    typer.echo(f"written: {page}; beside it pareto.html, pareto.png and figures/")
