"""Comparisons on standard output, in the form that is asked for."""

import sys
from typing import TYPE_CHECKING, Annotated, Literal, TypeAlias

import typer

from harness.cli import options
from harness.core.errors import InputError

if TYPE_CHECKING:
    from harness.report.sheets import Sheet, Sheets

Named: TypeAlias = Literal["table", "csv", "latex", "markdown"]
Form = Annotated[
    Named,
    typer.Option("--format", help="csv has every number; latex (booktabs) and markdown are texts."),
]


def print_sheets(sheets: "Sheets", form: Named, as_json: bool) -> None:
    """Print a comparison: numbers to scripts (JSON, CSV), sheets to people.

    Scripts get the sheets' notes on standard error.

    Raises
    ------
    InputError
        Two forms are asked for.
    """
    from harness.report.comparison import records  # noqa: PLC0415

    if as_json and form != "table":
        raise InputError(f"--json and --format {form}: choose one")
    if as_json:
        options.print_json(records(sheets.numbers))
    elif form == "csv":
        sys.stdout.write(sheets.numbers.to_csv(index=False))
    else:
        for sheet in sheets.sheets:
            _print_sheet(sheet, form)
        return
    for sheet in sheets.sheets:
        typer.echo(f"{sheet.title}: {sheet.note}", err=True)


def _print_sheet(sheet: "Sheet", form: Named) -> None:
    from harness.report.comparison import records  # noqa: PLC0415
    from harness.report.formats import latex, markdown  # noqa: PLC0415

    caption = f"{sheet.title}. {sheet.note}"
    if form == "latex":
        typer.echo(latex(sheet.text, caption, sheet.label))
    elif form == "markdown":
        typer.echo(markdown(sheet.text, caption))
    else:
        options.print_table(sheet.title, records(sheet.text))
        typer.echo(f"{sheet.note}\n")
