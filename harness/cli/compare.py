"""`harness compare`."""

from typing import Annotated

import typer

from harness.cli import options


def compare(
    studies: Annotated[list[str], typer.Argument(help="Studies to compare.", metavar="STUDY...")],
    as_json: options.AsJson = False,
) -> None:
    """Compare the regimes of one or more studies, best test hypervolume first.

    Reads what `harness frontier` wrote. `gain` is the test hypervolume over that of `joint`.

    Examples
    --------
        harness compare quickstart

        harness compare indian_pines fashion_mnist --json
    """
    from harness.report.stage import comparison, records  # noqa: PLC0415

    rows = records(comparison([options.study_folder(study) for study in studies]))
    options.print_rows("Regimes compared (thresholds from validation)", rows, as_json)
