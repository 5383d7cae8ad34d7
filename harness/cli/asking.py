"""Asking before something is deleted that cannot be brought back."""

import sys
from collections.abc import Iterable

import typer

from harness.core.errors import InputError


def confirm(lines: Iterable[str], question: str, yes: bool) -> None:
    """Say what will be done and go on only where the user agrees; otherwise exits with code 1.

    Parameters
    ----------
    lines
        What will be done.
    yes
        Whether the user agreed beforehand, by `--yes`.

    Raises
    ------
    InputError
        Nobody can be asked: standard input is no terminal.
    """
    for line in lines:
        typer.echo(line, err=True)
    if yes:
        return
    if not sys.stdin.isatty():
        raise InputError("standard input is no terminal, so that nobody can be asked: add --yes")
    if not typer.confirm(question, err=True):
        typer.echo("nothing was changed", err=True)
        raise typer.Exit(1)
