"""`harness new`."""

from enum import StrEnum
from typing import Annotated

import typer

from harness.cli import locate


class NewKind(StrEnum):
    """What can be made from a template."""

    REGIME = "regime"
    DATASET = "dataset"
    BACKBONE = "backbone"
    POLICY = "policy"
    SELECTION = "selection"
    STUDY = "study"


def new(
    kind: Annotated[NewKind, typer.Argument(help="What to make.")],
    name: Annotated[str, typer.Argument(help="Its name, which is its file's.")],
) -> None:
    """Write a plug-in or a study of yours from a template that runs as it is.

    The file goes to the project's `plugins/` or `studies/`.

    Examples
    --------
        harness new regime mine

        harness new study tiny
    """
    from harness.scaffold.new_file import new_file

    path = new_file(locate.current_project(), kind.value, name)
    typer.echo(f"written: {path}")
    typer.echo(f"check it: harness check {path}")
    if kind.value == "dataset":
        typer.echo("a study names a split of it: add one to params.yaml, as the file shows")
