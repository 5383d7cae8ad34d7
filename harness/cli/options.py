"""Options that several commands share, and how tables are shown."""

import json
import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from harness.core.places import Places

if TYPE_CHECKING:
    from harness.tracking.runs import Store

StudyName = Annotated[
    str, typer.Argument(help="Name of a study below results/, or its study file.", metavar="STUDY")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for scripts.")]
Mirror = Annotated[
    Path | None,
    typer.Option(
        envvar="HARNESS_DATA_MIRROR",
        help="Folder that already holds the raw data; spares the download.",
        file_okay=False,
    ),
]
TrackingUri = Annotated[
    str | None,
    typer.Option(
        envvar="MLFLOW_TRACKING_URI", help="MLflow server; by default SQLite below results/."
    ),
]


def places() -> Places:
    """The project in the current folder."""
    return Places(Path())


def study_folder(study: str) -> Path:
    """Folder of a study's results, given by its name or file."""
    return places().results / Path(study).name.removesuffix(".yaml")


def tracking_store(uri: str | None) -> "Store":
    """The MLflow store to log to."""
    from harness.tracking.runs import Store  # noqa: PLC0415

    here = places()
    here.results.mkdir(exist_ok=True)
    return Store(uri, None) if uri else Store(here.tracking_uri, here.artifacts)


def publish(
    study: Path, tables: Path, tracking_uri: str | None, pages: Sequence[Path] = ()
) -> None:
    """Put a study's tables, pictures and pages on MLflow's parent run; a fault is told only."""
    from harness.report.summary import summary  # noqa: PLC0415
    from harness.tracking.publish import publish as put  # noqa: PLC0415

    try:
        put(tracking_store(tracking_uri), study.name, summary(study, tables, pages))
    except Exception as error:
        reason = str(error).splitlines()[0]
        typer.echo(f"not shown in MLflow ({type(error).__name__}: {reason})", err=True)


def print_json(value: object) -> None:
    """Print a value as JSON on standard output."""
    sys.stdout.write(json.dumps(value, indent=2, allow_nan=False) + "\n")


def print_rows(title: str, rows: Sequence[Mapping[str, object]], as_json: bool) -> None:
    """Print rows of equal keys as a table, or as JSON for scripts."""
    if as_json:
        print_json(rows)
    else:
        print_table(title, rows)


def print_table(title: str, rows: Iterable[Mapping[str, object]]) -> None:
    """Print rows of equal keys as a table; numbers get four decimals."""
    from rich.console import Console  # noqa: PLC0415
    from rich.table import Table  # noqa: PLC0415

    console = Console(width=None if sys.stdout.isatty() or "COLUMNS" in os.environ else 160)
    rows = list(rows)
    texts = [[_cell(value) for value in row.values()] for row in rows]
    heads = [name.replace("_", " ") for name in (rows[0] if rows else ())]
    table = Table(title=title, title_justify="left", header_style="bold")
    for head, width in zip(heads, _widths(heads, texts, console.width), strict=True):
        table.add_column(head, overflow="fold", width=width)
    for text in texts:
        table.add_row(*text)
    console.print(table)


def _widths(
    heads: Sequence[str], texts: Sequence[Sequence[str]], room: int
) -> Sequence[int | None]:
    """Widths of columns: where it spares the cells, only the heads are broken, at their words."""
    cells = [max(map(len, column)) for column in zip(*texts, strict=True)]
    words = [max(map(len, head.split(" "))) for head in heads]
    narrow = [max(pair) for pair in zip(cells, words, strict=True)]
    whole = [max(len(head), cell) for head, cell in zip(heads, cells, strict=True)]
    frame = 3 * len(heads) + 1
    broken = sum(whole) + frame > room >= sum(narrow) + frame
    return narrow if broken else [None] * len(heads)


def _cell(value: object) -> str:
    if value is None:
        return ""
    return f"{value:.4f}" if isinstance(value, float) else str(value)
