"""The `harness` command."""

import atexit
import errno
import gc
import sys
import traceback
from importlib.metadata import version
from pathlib import Path
from typing import Annotated

import typer

from harness.cli import (
    check,
    clean,
    compare,
    confirm,
    coverage,
    data,
    export,
    findings,
    frontier,
    imported,
    init,
    launch,
    listing,
    locate,
    merge,
    new,
    recommend,
    register,
    remove,
    rename,
    report,
    schema,
    speed,
    stages,
    status,
    sync,
    ui,
)
from harness.cli.in_project import in_project
from harness.cli.waits import waits_told
from harness.core.errors import HarnessError
from harness.core.project import Project, find_project
from harness.core.urls import without_secrets

_DISK = {errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO}

app = typer.Typer(
    name="harness",
    help="Study early-exit networks: search training regimes and thresholds with Optuna, log every "
    "trial to MLflow, and compare the regimes' Pareto frontiers of accuracy against cost.",
    epilog="Start with:  harness launch studies/quickstart.yaml --workers 2",
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"]},
    rich_markup_mode="markdown",
)


def _show_version(asked: bool) -> None:
    if asked:
        typer.echo(f"harness {version('harness')}")
        raise typer.Exit


@app.callback()
def _options(
    context: typer.Context,
    project: Annotated[
        Path | None,
        typer.Option(
            envvar="HARNESS_PROJECT",
            help="Folder of the project, in place of the one that the current folder is in.",
            metavar="DIR",
            exists=True,
            file_okay=False,
        ),
    ] = None,
    plugins: Annotated[
        list[Path] | None,
        typer.Option(
            envvar="HARNESS_PLUGINS",
            help="Folder of further plug-ins, DIR/KIND/NAME.py, beside the project's `plugins/`; "
            "may be given several times.",
            metavar="DIR",
            exists=True,
            file_okay=False,
        ),
    ] = None,
    _: Annotated[
        bool,
        typer.Option(
            "--version", callback=_show_version, is_eager=True, help="Show the version and exit."
        ),
    ] = False,
) -> None:
    """Options that go before any command."""
    context.obj = project
    locate.use_plugins_of(Project(project) if project else find_project(Path()), plugins or ())


app.command()(init.init)
_IN_PROJECT = (
    launch.launch,
    confirm.confirm,
    status.status,
    frontier.frontier,
    compare.compare,
    recommend.recommend,
    findings.findings,
    coverage.coverage,
    speed.speed,
    report.report,
    export.export,
    register.register,
    ui.ui,
    sync.sync,
    merge.merge,
    rename.rename,
    clean.clean,
    remove.remove,
    stages.stages,
    new.new,
)
for _command in _IN_PROJECT:
    app.command()(in_project(_command))
app.command("import")(in_project(imported.import_outputs))
app.command()(check.check)
app.command()(schema.schema)
app.command("list")(listing.list_plugins)
app.add_typer(data.data_commands, name="data")


def main() -> None:
    """Run the command; bad input ends with its message and exit code 2, without a traceback.

    So does a file that may not be written, or a disk that is full.
    """
    # At its end Python searches all objects for garbage, which takes seconds after torch and MLflow
    # were imported: none of them is worth it.
    atexit.register(gc.freeze)
    try:
        with waits_told():
            app()
    except HarnessError as error:
        sys.stderr.write(without_secrets(f"error: {error}\n"))
        raise SystemExit(2) from None
    except Exception as error:
        if isinstance(error, OSError) and (error.filename or error.errno in _DISK):
            sys.stderr.write(f"error: {error.filename or 'a file'}: {error.strerror}\n")
            raise SystemExit(2) from None
        # The message of a foreign error may repeat the address of a store with its password.
        sys.stderr.write(without_secrets(traceback.format_exc()))
        raise SystemExit(1) from None
