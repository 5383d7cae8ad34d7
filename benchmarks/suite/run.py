"""Running benchmarks, each in a process of its own."""

import ast
import datetime
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.suite.child import FIGURES
from benchmarks.suite.figure import settings
from benchmarks.suite.machine import load, this_machine
from benchmarks.suite.measured import Measured

FOLDER = Path(__file__).parents[1]
ROOT = FOLDER.parent


def benchmarks(folder: Path = FOLDER) -> tuple[str, ...]:
    """The names of all benchmarks: the files of the folder."""
    return tuple(sorted(path.stem for path in folder.glob("*.py") if path.stem[0] != "_"))


def run(name: str, out: Path, commit: str, *, quick: bool) -> Measured:
    """Run one benchmark, show what it prints, and return what it found.

    Parameters
    ----------
    out
        Folder for its picture.
    commit
        That the clone is at.
    """
    began, busy = datetime.datetime.now(datetime.UTC), load()
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as scratch:
        file = Path(scratch) / "figures.json"
        lines, status = _followed(name, file, settings(out, small=quick))
        figures = FIGURES.validate_json(file.read_bytes()) if file.is_file() else ()
    picture = f"{name}.svg"
    return Measured(
        name=name,
        about=about(FOLDER / f"{name}.py"),
        figures=figures,
        lines=lines,
        began=f"{began:%Y-%m-%d %H:%M} UTC",
        seconds=round(time.monotonic() - started, 1),
        load=busy,
        commit=commit,
        machine=this_machine(),
        quick=quick,
        failed=status != 0,
        picture=picture if (out / picture).is_file() else "",
    )


def about(file: Path) -> str:
    """The first line of a script's docstring."""
    return (ast.get_docstring(ast.parse(file.read_text(encoding="utf-8"))) or "").split("\n")[0]


def _followed(name: str, file: Path, settings: dict[str, str]) -> tuple[tuple[str, ...], int]:
    """The lines that a benchmark prints, shown as they come, and its exit status."""
    command = [sys.executable, "-u", "-m", "benchmarks.suite.child", name, str(file)]
    path = os.pathsep.join([str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])])
    environment = {**os.environ, **settings, "PYTHONPATH": path}
    lines = []
    with subprocess.Popen(  # noqa: S603
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True
    ) as process:
        for line in process.stdout or ():
            print(line, end="", flush=True)
            lines.append(line.rstrip("\n"))
    return tuple(lines), process.returncode
