"""Choice of an operating point on a study's frontier: on validation, never on test."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias, cast

import numpy as np
import pandas as pd

from harness.core.errors import InputError
from harness.frontier.pareto import knee
from harness.results.tables import cost_and_score, score_column

Aim: TypeAlias = Literal["knee", "best-accuracy", "cheapest", "cheapest-95", "cheapest-99"]
_MEASURED = ("_accuracy", "_r2", "_rmse", "_macs", "_cost")
_ENOUGH = {"cheapest": -math.inf, "cheapest-95": 0.95, "cheapest-99": 0.99, "best-accuracy": 1.0}
"""Share of the best accuracy that the cheapest point must reach."""


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
    aim
        `knee` is the point that alone dominates the largest area up to the study's reference;
        `cheapest-99` the cheapest one of at least 99 % of the best accuracy (R^2 of a regression).
    """

    regime: str | None = None
    key: str | None = None
    aim: Aim = "cheapest-99"


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
        No point is of the given regime or trial.
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
    cost, score = cost_and_score(rows)
    if wanted.aim == "knee":
        return knee(cost, score, 1.0, floor)
    best, enough = float(score.max()), _ENOUGH[wanted.aim]
    # A negative R^2 has no meaningful share: there the best itself is required.
    least = enough if enough == -math.inf else min(enough * best, best)
    return int(np.argmax(score >= least))


def _point(row: "pd.Series[float]") -> OperatingPoint:
    names = [str(name) for name in row.index]
    # A network of fewer exits than the study's deepest has no value in the last columns.
    thresholds = row[[name for name in names if name.startswith("threshold_")]].dropna()
    return OperatingPoint(
        regime=cast(str, row["regime"]),
        key=cast(str, row["key"]),
        configuration=int(row["configuration"]),
        thresholds=tuple(float(value) for value in thresholds),
        measured=measured(row),
    )


def measured(row: "pd.Series[float]") -> dict[str, float]:
    """The columns of a point that say what it does: `validation_accuracy`, `test_cost`, ..."""
    names = [str(name) for name in row.index if str(name).endswith(_MEASURED)]
    return {name: float(row[name]) for name in names}
