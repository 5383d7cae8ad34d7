"""`harness coverage`."""

from typing import Annotated

import typer

from harness.cli import options


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
    from harness.report.comparison import records  # noqa: PLC0415
    from harness.report.coverage import coverage_table  # noqa: PLC0415
    from harness.report.stage import finished_record  # noqa: PLC0415
    from harness.results.tables import read_frontier  # noqa: PLC0415

    folder = options.study_folder(study)
    record = finished_record(folder)
    table = coverage_table(folder, record, read_frontier(folder), alpha)
    title = f"{record.name}: prediction sets at {1 - alpha:.0%}, {record.provenance}"
    options.print_rows(title, records(table), as_json)
