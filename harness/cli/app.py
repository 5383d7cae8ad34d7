"""The `harness` command."""

import errno
import sys
import traceback

import typer

from harness.cli import (
    compare,
    confirm,
    coverage,
    data,
    export,
    frontier,
    imported,
    launch,
    listing,
    merge,
    recommend,
    register,
    report,
    schema,
    speed,
    stages,
    status,
    sync,
    ui,
)
from harness.core.errors import HarnessError
from harness.core.urls import without_secrets

_DISK = {errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO}

app = typer.Typer(
    name="harness",
    help="Study early-exit networks: search training regimes and thresholds with Optuna, log every "
    "trial to MLflow, and compare the regimes' Pareto frontiers of accuracy against cost.",
    epilog="Start with:  harness launch studies/quickstart.yaml --workers 2",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="markdown",
)
app.command()(launch.launch)
app.command()(confirm.confirm)
app.command("import")(imported.import_outputs)
app.command()(status.status)
app.command()(frontier.frontier)
app.command()(compare.compare)
app.command()(recommend.recommend)
app.command()(coverage.coverage)
app.command()(speed.speed)
app.command()(report.report)
app.command()(export.export)
app.command()(register.register)
app.command()(ui.ui)
app.command()(sync.sync)
app.command()(merge.merge)
app.command()(schema.schema)
app.command()(stages.stages)
app.command("list")(listing.list_plugins)
app.add_typer(data.data_commands, name="data")


def main() -> None:
    """Run the command; bad input ends with its message and exit code 2, without a traceback.

    So does a file that may not be written, or a disk that is full.
    """
    try:
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
