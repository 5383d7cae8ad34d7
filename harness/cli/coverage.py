"""`harness coverage`."""

from typing import Annotated

import typer

from harness.cli import locate, options, printing


def coverage(
    study: options.StudyName,
    alpha: Annotated[
        float, typer.Option(help="Share of prediction sets that may miss the label.")
    ] = 0.1,
    as_json: options.AsJson = False,
) -> None:
    """Show how often prediction sets hold the label at each exit, on test, and how large they are.

    Sets are split-conformal (calibrated on validation), intersected over exits, and anytime-valid.
    Each regime is judged by the network at the knee of its validation frontier.

    Examples
    --------
        harness coverage quickstart

        harness coverage indian_pines --alpha 0.05 --json
    """
    from harness.analysis.coverage import coverage_table
    from harness.results.study_record import read_finished
    from harness.results.tables import read_frontier, records

    folder = locate.study_folder(study)
    record = read_finished(folder)
    table = coverage_table(folder, record, read_frontier(folder), alpha)
    title = f"{record.name}: prediction sets at {1 - alpha:.0%}, {record.manifest.provenance}"
    printing.print_rows(title, records(table), as_json)
