"""The reference of commands, made of the application: every command, its help and its options."""

import inspect
import re
from collections.abc import Iterator
from typing import Protocol, runtime_checkable

import typer

from docs._ext.texts import escaped, table
from harness.cli.app import app

_HELP = "-h, --help"
"""An option that all commands have: it is shown of the first one alone."""
_EXAMPLES = re.compile(r"^Examples?\n-+\n", re.MULTILINE)


class _Parameter(Protocol):
    """An option or an argument, as click describes it."""

    param_type_name: str
    hidden: bool

    def get_help_record(self, ctx: typer.Context) -> tuple[str, str] | None: ...


@runtime_checkable
class _Group(Protocol):
    """A command with commands below it."""

    commands: dict[str, "_Command"]


class _Command(Protocol):
    """A command, as click describes it."""

    help: str | None
    hidden: bool

    def get_params(self, ctx: typer.Context) -> list[_Parameter]: ...

    def collect_usage_pieces(self, ctx: typer.Context) -> list[str]: ...


def command_reference() -> str:
    """Markdown: a section per command, after one on the options that go before any command."""
    sections = (_section(name, command) for name, command in commands())
    return "\n\n".join(sections)


def commands() -> Iterator[tuple[str, _Command]]:
    """All commands by their full names, in the order of `harness --help`; groups come first."""
    yield from _below("harness", typer.main.get_command(app))  # type: ignore[arg-type]


def _below(name: str, command: _Command) -> Iterator[tuple[str, _Command]]:
    if command.hidden:
        return
    yield name, command
    if isinstance(command, _Group):
        for each, inner in command.commands.items():
            yield from _below(f"{name} {each}", inner)


def _section(name: str, command: _Command) -> str:
    settings = app.info.context_settings or {}  # of all commands: -h
    context = typer.Context(command, info_name=name, **settings)  # type: ignore[arg-type]
    usage = " ".join([name, *command.collect_usage_pieces(context)])
    said, examples = _told(command.help or "")
    parts = [f"## `{name}`", said, f"```text\n{usage}\n```"]
    shown = [each for each in command.get_params(context) if not getattr(each, "hidden", False)]
    records = [(each.param_type_name, each.get_help_record(context)) for each in shown]
    for kind, title in (("argument", "Argument"), ("option", "Option")):
        found = [r for of, r in records if of == kind and r and (" " not in name or r[0] != _HELP)]
        if found:
            cells = ([f"`{_one_line(names)}`", escaped(_one_line(help_))] for names, help_ in found)
            parts.append(table((title, "Meaning"), cells))
    return "\n\n".join([*parts, *([f"```text\n{examples}\n```"] if examples else [])])


def _told(text: str) -> tuple[str, str]:
    """A command's help as Markdown without its examples, and the examples."""
    said, *rest = _EXAMPLES.split(inspect.cleandoc(text), maxsplit=1)
    paragraphs = re.split(r"\n\s*\n", rest[0]) if rest else []
    shown = [each.strip() for each in paragraphs if each.startswith("    ")]
    after = [each for each in paragraphs if each.strip() and not each.startswith("    ")]
    words = [*re.split(r"\n\s*\n", said.strip()), *after]
    return "\n\n".join(escaped(each) for each in words), "\n".join(shown)


def _one_line(text: str) -> str:
    return " ".join(text.split())
