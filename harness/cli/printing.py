"""Tables and comparisons on standard output: laid out for people, as JSON or CSV for scripts."""

import json
import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Literal, TypeAlias

import typer

from harness.cli.layout import fitted, total_width, wrapped
from harness.core.errors import InputError

if TYPE_CHECKING:
    from harness.report.sheets import Sheet, Sheets

Named: TypeAlias = Literal["table", "csv", "latex", "markdown"]
Form = Annotated[
    Named,
    typer.Option(
        "--format",
        help="csv holds all columns and digits; latex (booktabs) and markdown the table shown.",
    ),
]


def print_json(value: object) -> None:
    """Print a value as JSON on standard output."""
    sys.stdout.write(json.dumps(value, indent=2, allow_nan=False) + "\n")


def print_notes(notes: Iterable[str]) -> None:
    """Print remarks on standard error, a line each."""
    for note in notes:
        typer.echo(f"note: {note}", err=True)


def print_rows(title: str, rows: Sequence[Mapping[str, object]], as_json: bool) -> None:
    """Print rows of equal keys as a table, or as JSON for scripts."""
    if as_json:
        print_json(rows)
    else:
        print_table(title, rows)


def print_table(title: str, rows: Iterable[Mapping[str, object]]) -> None:
    """Print rows of equal keys as a table; floats get four decimals.

    No name and no number is broken: where the terminal is too narrow, columns are left out from the
    right, and a line below says which. So the most important ones come first.
    """
    from rich.console import Console
    from rich.table import Table

    columns: dict[str, list[str]] = {}
    for row in rows:
        for name, value in row.items():
            columns.setdefault(name.replace("_", " "), []).append(_cell(value))
    width = _width()
    shown, left_out = fitted(columns, width)
    table = Table(header_style="bold")
    for column in shown:
        table.add_column(
            column.head,
            width=column.width,
            no_wrap=not column.text,
            justify="right" if column.numeric else "left",
        )
    for texts in zip(*(columns[column.name] for column in shown), strict=True):
        table.add_row(*texts)
    typer.echo(wrapped(title, width))
    # Cells are no markup: intervals stand in brackets.
    Console(width=max(width, total_width(shown)), markup=False, emoji=False).print(table)
    if left_out:
        typer.echo(
            wrapped(f"Left out at {width} columns: {', '.join(left_out)}. --json has all.", width)
        )


def _width() -> int:
    """Of the terminal; where there is none, and nothing says how wide, 160 characters."""
    from rich.console import Console

    return Console().width if sys.stdout.isatty() or "COLUMNS" in os.environ else 160


def _cell(value: object) -> str:
    if value is None:
        return ""
    return f"{value:.4f}" if isinstance(value, float) else str(value)


def print_sheets(sheets: "Sheets", form: Named, as_json: bool) -> None:
    """Print a comparison: numbers to scripts (JSON, CSV), sheets to people.

    Scripts get the sheets' notes on standard error.

    Raises
    ------
    InputError
        Both --json and a format are given.
    """
    from harness.results.tables import records

    if as_json and form != "table":
        raise InputError(f"--json and --format {form}: choose one")
    if as_json:
        print_json(records(sheets.numbers))
    elif form == "csv":
        sys.stdout.write(sheets.numbers.to_csv(index=False))
    else:
        for sheet in sheets.sheets:
            _print_sheet(sheet, form)
        return
    for sheet in sheets.sheets:
        typer.echo(f"{sheet.title}: {sheet.note}", err=True)


def _print_sheet(sheet: "Sheet", form: Named) -> None:
    from harness.report.formats import latex, markdown
    from harness.results.tables import records

    caption = f"{sheet.title}. {sheet.note}"
    if form == "latex":
        typer.echo(latex(sheet.text, caption, sheet.label))
    elif form == "markdown":
        typer.echo(markdown(sheet.text, caption))
    else:
        print_table(sheet.title, records(sheet.text))
        typer.echo(f"{wrapped(sheet.note, _width())}\n")
