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
    frontier. `below` marks sets that cover less than asked by more than chance; a line under the
    table says why they may.

    Examples
    --------
        harness coverage quickstart

        harness coverage indian_pines --alpha 0.05 --json
    """
    folder = locate.study_folder(study)
    from harness.analysis.coverage import coverage_table, guarantee_note
    from harness.analysis.coverage_levels import below_level, level_note
    from harness.results.study_record import read_finished
    from harness.results.tables import read_frontier, records

    record = read_finished(folder)
    table = coverage_table(folder, record, read_frontier(folder), alpha)
    below = below_level(table, alpha)
    table.insert(4, "below", below if as_json else below.map({True: "below", False: ""}))
    title = f"{record.name}: prediction sets asked to cover {1 - alpha:.0%}"
    printing.print_rows(f"{title}, {record.manifest.provenance}", records(table), as_json)
    printing.print_notes([guarantee_note(record), level_note(table, alpha)])
