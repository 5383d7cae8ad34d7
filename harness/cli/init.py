"""`harness init`."""

from pathlib import Path
from typing import Annotated

import typer


def init(
    folder: Annotated[Path, typer.Argument(help="A new or an empty folder.", metavar="DIR")],
) -> None:
    """Make a project: splits, a study on Indian Pines, a folder for plug-ins, stages of DVC.

    Examples
    --------
        harness init my-project

        harness init .
    """
    from harness.scaffold.new_project import FIRST_STUDY, new_project

    project, files = new_project(folder)
    for path in files:
        typer.echo(f"written: {path}")
    study = project.studies.relative_to(project.root) / f"{FIRST_STUDY}.yaml"
    inside = "" if folder.resolve() == Path().resolve() else f"cd {folder} && "
    typer.echo(f"start with: {inside}harness launch {study} --workers 2")
