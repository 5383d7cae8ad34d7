"""The contract of a benchmark: a script of this folder whose `main()` prints and returns figures.

A benchmark needs no other declaration: `python -m benchmarks` finds its file. Its `main` prints
what a reader wants to see and returns its figures; one that returns none has its lines alone in
`benchmarks/RESULTS.md`.
"""

import os
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import pydantic

_QUICK, _OUT = "HARNESS_BENCH_QUICK", "HARNESS_BENCH_OUT"


@dataclass(frozen=True)
class Figure:
    """One measured number.

    Attributes
    ----------
    spread
        Lowest and highest of what `of` names: repetitions, or the ends of an interval.
    at_least, at_most
        The target, where there is one.
    missing
        Why it was not measured; its value is then NaN.
    """

    __pydantic_config__: ClassVar[pydantic.ConfigDict] = {"ser_json_inf_nan": "strings"}

    name: str
    value: float
    unit: str = ""
    spread: tuple[float, float] | None = None
    of: str = ""
    at_least: float | None = None
    at_most: float | None = None
    missing: str = ""

    @property
    def target(self) -> str:
        """The target in words; empty where there is none."""
        if self.at_least is not None:
            return f"≥ {number(self.at_least)}"
        return "" if self.at_most is None else f"≤ {number(self.at_most)}"

    @property
    def met(self) -> bool | None:
        """Whether the target is met; None where there is none, or nothing was measured."""
        if self.missing or not self.target:
            return None
        if self.at_least is not None:
            return self.value >= self.at_least
        return self.at_most is not None and self.value <= self.at_most


def repeated(
    name: str,
    values: Sequence[float],
    unit: str = "",
    at_least: float | None = None,
    at_most: float | None = None,
) -> Figure:
    """The median of repetitions, with the lowest and the highest of them."""
    spread = (min(values), max(values))
    of = f"{len(values)} repetitions" if len(values) > 1 else "1 repetition"
    return Figure(name, statistics.median(values), unit, spread, of, at_least, at_most)


def number(value: float) -> str:
    """A number to three significant digits, without an exponent.

    Examples
    --------
    >>> number(0.01867), number(7029.3), number(3.0), number(0.0)
    ('0.0187', '7,030', '3', '0')
    """
    if value == 0:
        return "0"
    rounded = float(f"{value:.3g}")
    if abs(rounded) >= 100:  # noqa: PLR2004 -- no decimals are left
        return f"{rounded:,.0f}"
    return f"{rounded:.8f}".rstrip("0").rstrip(".")


def quick() -> bool:
    """Whether the benchmark is only to show that it runs: small sizes, few repetitions."""
    return os.environ.get(_QUICK, "") not in ("", "0")


def out_folder() -> Path:
    """Where a benchmark may write a picture `<its name>.svg`."""
    return Path(os.environ.get(_OUT, "."))


def settings(folder: Path, *, small: bool) -> dict[str, str]:
    """The environment that `quick` and `out_folder` read in a benchmark's own process."""
    return {_QUICK: "1" if small else "", _OUT: str(folder)}
