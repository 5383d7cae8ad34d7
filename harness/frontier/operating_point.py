"""Choice of an operating point on a study's frontier: on validation, never on test."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias, cast

import numpy as np
import pandas as pd

from harness.core.errors import InputError
from harness.frontier.pareto import knee
from harness.results.tables import cost_and_score, score_column

Aim: TypeAlias = Literal["knee", "best-accuracy", "cheapest", "cheapest-95"]
_MEASURED = ("_accuracy", "_r2", "_rmse", "_macs", "_cost")
_ENOUGH = 0.95
"""Share of the best accuracy that `cheapest-95` must reach."""


@dataclass(frozen=True)
class OperatingPoint:
    """An operating point: a trained network and its exit thresholds.

    Attributes
    ----------
    thresholds
        [E-1]; infinity where no sample leaves early.
    measured
        The frontier's columns at this point: `validation_accuracy`, `validation_cost` and so on.
    """

    regime: str
    key: str
    configuration: int
    thresholds: tuple[float, ...]
    measured: Mapping[str, float]


@dataclass(frozen=True)
class Wanted:
    """Criteria for choosing an operating point.

    Attributes
    ----------
    regime, key
        Only the points of this regime or trial; None for all.
    row
        Number of the point by rising cost, from 1; None for the point of `aim`.
    aim
        `knee` is the point that alone dominates the largest area up to the study's reference;
        `cheapest-95` the cheapest one of at least 95 % of the best accuracy (R^2 of a regression).
    """

    regime: str | None = None
    key: str | None = None
    row: int | None = None
    aim: Aim = "knee"


def choose(frame: pd.DataFrame, wanted: Wanted, floor: float) -> OperatingPoint:
    """Choose one point of a frontier, by its validation columns only.

    Parameters
    ----------
    frame
        As `harness frontier` writes it.
    floor
        The study's reference accuracy, at relative cost 1 (docs/methods.md, "Reference point").

    Raises
    ------
    InputError
        No point is of the given regime or trial, or `row` exceeds the number of points.
    """
    for column in ("regime", "key"):
        value = getattr(wanted, column)
        known = sorted(set(frame[column]))
        if value is not None and value not in known:
            found = ", ".join(known)
            raise InputError(f"--{column} {value}: no point on the frontier; there are: {found}")
        frame = frame[frame[column] == value] if value is not None else frame
    order = ["validation_cost", score_column(frame)]
    rows = frame.sort_values(order, ascending=[True, False], kind="stable")
    return _point(rows.iloc[_position(rows, wanted, floor)])


def _position(rows: pd.DataFrame, wanted: Wanted, floor: float) -> int:
    """Index of the point among rows by rising cost, the more accurate of equal cost first."""
    if wanted.row is not None:
        if not 1 <= wanted.row <= len(rows):
            raise InputError(f"--row {wanted.row}: allowed are 1 to {len(rows)}")
        return wanted.row - 1
    cost, score = cost_and_score(rows)
    if wanted.aim == "knee":
        return knee(cost, score, 1.0, floor)
    best = float(score.max())
    # A negative R^2 has no meaningful share: there the best itself is required.
    least = {"best-accuracy": best, "cheapest": -np.inf, "cheapest-95": min(_ENOUGH * best, best)}
    return int(np.argmax(score >= least[wanted.aim]))


def _point(row: "pd.Series[float]") -> OperatingPoint:
    names = [str(name) for name in row.index]
    # A network of fewer exits than the study's deepest has no value in the last columns.
    thresholds = row[[name for name in names if name.startswith("threshold_")]].dropna()
    measured = row[[n for n in names if n.endswith(_MEASURED)]]
    return OperatingPoint(
        regime=cast(str, row["regime"]),
        key=cast(str, row["key"]),
        configuration=int(row["configuration"]),
        thresholds=tuple(float(value) for value in thresholds),
        measured={str(name): float(value) for name, value in measured.items()},
    )
