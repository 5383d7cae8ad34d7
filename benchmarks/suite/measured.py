"""What benchmarks found, as it is kept in `figures.json` beside the page that shows it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pydantic

from benchmarks.suite.figure import Figure
from benchmarks.suite.machine import Machine
from harness.core.files import write_text

FIGURES = "figures.json"


@dataclass(frozen=True)
class Measured:
    """One run of one benchmark.

    Attributes
    ----------
    about
        What it measures: the first line of its docstring.
    lines
        What it printed.
    began
        UTC, to the minute.
    load
        Mean number of processes that ran or waited for a core in the minute before.
    picture
        Name of the picture that it wrote beside the page; empty where it wrote none.
    """

    name: str
    about: str
    figures: tuple[Figure, ...]
    lines: tuple[str, ...]
    began: str
    seconds: float
    load: float
    commit: str
    machine: Machine
    quick: bool
    failed: bool = False
    picture: str = ""


_SEVERAL = pydantic.TypeAdapter(tuple[Measured, ...])


def read_measured(folder: Path) -> tuple[Measured, ...]:
    """What is kept in a folder; nothing where there is no file."""
    path = folder / FIGURES
    return _SEVERAL.validate_json(path.read_bytes()) if path.is_file() else ()


def write_measured(folder: Path, found: Sequence[Measured]) -> None:
    """Keep what was found, whole or not at all."""
    text = _SEVERAL.dump_json(tuple(found), indent=1, ensure_ascii=False).decode()
    write_text(folder / FIGURES, text + "\n")


def merged(
    before: Iterable[Measured], now: Iterable[Measured], known: Sequence[str]
) -> tuple[Measured, ...]:
    """What was measured now in place of what was before, of the benchmarks that there are."""
    found = {each.name: each for each in (*before, *now)}
    return tuple(found[name] for name in known if name in found)
