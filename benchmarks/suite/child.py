"""Run one benchmark in this process, and write its figures to a file: `child NAME FILE`."""

import importlib
import sys
from pathlib import Path

import pydantic

from benchmarks.suite.figure import Figure

FIGURES = pydantic.TypeAdapter(tuple[Figure, ...])


def main(name: str, file: str) -> None:
    """Call the benchmark's `main`; one that returns nothing has no figures."""
    sys.argv[1:] = []  # a benchmark may read options of its own
    found = importlib.import_module(f"benchmarks.{name}").main()
    Path(file).write_bytes(FIGURES.dump_json(tuple(found or ())))


if __name__ == "__main__":
    main(*sys.argv[1:])
