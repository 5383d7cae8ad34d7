"""`harness rename`."""

from pathlib import Path
from typing import Annotated

import typer

from harness.cli import locate, options


def rename(
    study: options.StudyName,
    new: Annotated[str, typer.Argument(help="The name that it gets.", metavar="NEW")],
) -> None:
    """Rename a study: its folder, record, confirmation, journal and tables. Trains nothing.

    What cannot follow is said: MLflow's runs, exported networks, and the study file, which is
    yours. A name that is taken, and a study that a launch holds, are refused.

    Example:

        harness rename quickstart digits-first
    """
    from harness.study.rename import rename_study

    folder = locate.study_folder(study)
    old, files = folder.name, _files_of(folder.name)
    found = rename_study(folder, new)
    typer.echo(f"{old} is now {new}: {found.folder}")
    for file in files:
        typer.echo(f"write `name: {new}` in {file}, or launch it with --set name={new}")
    if found.goes_on:
        typer.echo("what its search proposes from here on is drawn for the new name")
    if not found.proposals:
        typer.echo(
            f"proposals that are kept in a database stay there as {old}; a launch with --storage "
            f"keeps those of {new} beside them"
        )
    if found.redrawn:
        typer.echo(f"report and pictures showed the old name: `harness report {new}` draws them")
    for path in found.exported:
        typer.echo(f"{path} still names {old}: export it again, or leave it: it runs as it did")
    if found.logged:
        typer.echo(
            f"MLflow's experiment {old}, its runs and its registered model keep their name; "
            f"`harness sync {new}` logs all trials under the new one"
        )


def _files_of(name: str) -> list[Path]:
    """The study files of the project that a study of this name may have been launched from."""
    from harness.core.errors import InputError
    from harness.study.study_file import read_study

    found = []
    for file in sorted(locate.current_project().studies.glob("*.yaml")):
        try:
            if read_study(file).name == name:
                found.append(file)
        except InputError:  # not the one: it could not have been launched
            continue
    return found
