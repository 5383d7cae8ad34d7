"""The page `benchmarks/RESULTS.md`: all figures with spread and target, losses beside wins."""

import math
from collections.abc import Iterable, Sequence
from pathlib import PurePosixPath

from benchmarks.suite.figure import Figure, number
from benchmarks.suite.machine import Machine
from benchmarks.suite.measured import Measured

PAGE = PurePosixPath("benchmarks/RESULTS.md").name
_HEADS = ("figure", "value", "spread", "target", "met")


def page(found: Sequence[Measured]) -> str:
    """The whole page, in Markdown."""
    machines: list[Machine] = []
    for each in found:
        if each.machine not in machines:
            machines.append(each.machine)
    aimed = [
        (f"[{each.name}](#{each.name})", *row(figure))
        for each in found
        for figure in each.figures
        if figure.target
    ]
    parts = [
        "# Benchmarks",
        "Written by `make bench`, with `benchmarks/figures.json`; not to be edited. Ratios are of "
        "things measured in turn in one run. *Spread* is from the lowest to the highest of the "
        "repetitions, or an interval where it says so; *load* is the mean number of processes "
        "that wanted a core in the minute before.",
        *([_QUICK] if any(each.quick for each in found) else []),
        "## Machine",
        "\n\n".join(_machine(machine) for machine in machines),
        "## Targets",
        _table(("benchmark", *_HEADS), aimed) if aimed else "None was measured.",
        *(_section(each, machines) for each in found),
    ]
    return "\n\n".join(parts) + "\n"


_QUICK = "**Quick runs: sizes are small, and the figures show only that the benchmarks run.**"


def row(figure: Figure) -> tuple[str, ...]:
    """The cells of a figure: name, value, spread, target, whether the target is met."""
    if figure.missing:
        return figure.name, f"not measured: {figure.missing}", "", figure.target, ""
    unit = figure.unit and f" {figure.unit}"
    met = {None: "", True: "yes", False: "**no**"}[figure.met]
    return figure.name, f"{number(figure.value)}{unit}", _spread(figure), figure.target, met


def _spread(figure: Figure) -> str:
    if figure.spread is None or math.isnan(figure.value):
        return ""
    low, high = figure.spread
    return f"{number(low)} to {number(high)} ({figure.of})"


def _section(found: Measured, machines: Sequence[Machine]) -> str:
    where = ""
    if len(machines) > 1:
        where = f", on machine {1 + machines.index(found.machine)}"
    small = ", quick" if found.quick else ""
    parts = [
        f"## {found.name}",
        found.about,
        f"`python -m benchmarks {found.name}`: {found.seconds:.0f} s on {found.began}{small}, "
        f"load {found.load:g} before, commit {found.commit}{where}.",
        *(["**It failed.**"] if found.failed else []),
        *([_table(_HEADS, [row(figure) for figure in found.figures])] if found.figures else []),
        *([f"![{found.about}]({found.picture})"] if found.picture else []),
        "```text\n" + "\n".join(line.rstrip() for line in found.lines) + "\n```",
    ]
    return "\n\n".join(parts)


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    every = [heads, ["---"] * len(heads), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in every)


def _machine(machine: Machine) -> str:
    versions = ", ".join(f"{name} {found}" for name, found in machine.versions.items())
    return (
        f"{machine.cores} cores of {machine.processor}, {machine.memory_gib:g} GiB of memory, "
        f"{machine.system}; {versions}."
    )
