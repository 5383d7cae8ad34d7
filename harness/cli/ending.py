"""How a command that trains ends: its last lines and its exit code."""

import contextlib
import os
import signal
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from harness.cli.waits import tell_again

if TYPE_CHECKING:
    from harness.study.run import LaunchOutcome

FAILED, SIGNALLED = 3, 128
"""Exit codes; SIGNALLED is added to the signal's number, as shells do."""

_ERRORS_SHOWN = 5


def say_stopping() -> None:
    """Say at once, from a signal's handler, that the command stops."""
    tell_again()
    # A signal's handler may have come in the middle of a write to a stream.
    with contextlib.suppress(OSError):  # after SIGHUP there may be no terminal
        os.write(sys.stderr.fileno(), b"\nstopping; once more stops at once\n")


def close(outcome: "LaunchOutcome", folder: Path, following: str, goes_on: bool = False) -> None:
    """Say how a launch ended and what to do next; exits with its code unless all went well.

    Parameters
    ----------
    following
        Commands that come next.
    goes_on
        Whether the command goes on even where configurations diverged.
    """
    if outcome.signal is not None:
        _end_at_once_on(outcome.signal)
    from harness.results.extent import state_in_words

    record = outcome.record
    name, failed = record.name, record.failed()
    typer.echo(
        f"{name}: {state_in_words(record)}; {len(record.configurations)} configurations recorded, "
        f"{len(failed)} failed. Results in {folder}"
    )
    if failed:
        typer.echo(f"first failure: #{failed[0].number} {failed[0].regime}: {failed[0].reason}")
    if outcome.logging_notice:
        typer.echo(outcome.logging_notice, err=True)
    if outcome.logging_fault:
        typer.echo(
            f"{outcome.logging_fault}; no result is lost: `harness sync {name}` logs the rest",
            err=True,
        )
    if outcome.signal is not None:
        typer.echo("stopped; run the command again to resume")
        raise typer.Exit(SIGNALLED + outcome.signal)
    if outcome.errors:
        _show_errors(outcome.errors)
        raise typer.Exit(FAILED)
    typer.echo(f"next: {following}; harness ui")
    if not goes_on:
        fail_if(failed)


def _end_at_once_on(number: int) -> None:
    """One more signal ends the process with the code that it would have ended with."""
    if threading.current_thread() is threading.main_thread():
        signal.signal(number, lambda *_: os._exit(SIGNALLED + number))


def fail_if(failed: Sequence[object]) -> None:
    """Exit with the code of failed trials, if there are any."""
    if failed:
        raise typer.Exit(FAILED)


def _show_errors(errors: tuple[str, ...]) -> None:
    shown = list(errors[:_ERRORS_SHOWN])
    if len(errors) > len(shown):
        shown.append(f"and {len(errors) - len(shown)} more")
    text = "\n  ".join(shown)
    typer.echo(
        f"not trained, through no fault of their own, though tried again:\n  {text}\n"
        "mend the cause and run the command again: these trials are taken up, no other is trained "
        "again",
        err=True,
    )
