"""`harness report`."""

import typer

from harness.cli import options


def report(study: options.StudyName) -> None:
    """Write results/STUDY/report.html: one file that opens without a network.

    Example:

        harness report quickstart
    """
    from harness.report.stage import write_html  # noqa: PLC0415

    typer.echo(f"written: {write_html(options.study_folder(study))}")
