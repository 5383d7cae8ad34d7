"""`harness coverage`."""

from typing import Annotated

import typer

from harness.cli import locate, options, printing


def coverage(
    study: options.StudyName,
    alpha: Annotated[
        float, typer.Option(help="Error level in (0, 1): share of sets that may miss the label.")
    ] = 0.1,
    as_json: options.AsJson = False,
) -> None:
    """Show coverage and size of conformal and anytime-valid prediction sets, exit by exit, on test.

    `conformal` is each exit's split-conformal set, calibrated on the split's calibration part (or
    on validation, and then no coverage is guaranteed); `nested` its intersection with those of the
    exits before; `anytime` needs no calibration. `promised` is the coverage that is guaranteed,
    empty where none is. Each regime is represented by the network at the knee of its validation
    frontier.

    Examples
    --------
        harness coverage quickstart

        harness coverage indian_pines --alpha 0.05 --json
    """
    from harness.analysis.coverage import coverage_table, guarantee_note
    from harness.results.study_record import read_finished
    from harness.results.tables import read_frontier, records

    folder = locate.study_folder(study)
    record = read_finished(folder)
    table = coverage_table(folder, record, read_frontier(folder), alpha)
    title = f"{record.name}: prediction sets at {1 - alpha:.0%}, {record.manifest.provenance}"
    printing.print_rows(title, records(table), as_json)
    printing.print_notes([guarantee_note(record)])
