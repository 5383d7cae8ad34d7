"""The values that a setting of the study file gives its parameter, as they are drawn."""

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

from harness.core.errors import InputError
from harness.core.parameters import Value
from harness.core.settings import Between, OneOf, Scalar, Setting

_PROBED = 64
"""Most whole numbers of a range that are all tried out before training."""
_MOST_COUNTED = 10**12
"""Of so many values none comes twice: as good as any real number."""


@dataclass(frozen=True)
class Fixed:
    """A parameter that is not searched."""

    value: Value


@dataclass(frozen=True)
class Listed:
    """A parameter searched among values of one kind."""

    values: tuple[Value, ...]

    @property
    def labels(self) -> tuple[Scalar, ...]:
        """The values as scalars of one type, as Optuna and tables take them: lists as JSON."""
        if any(isinstance(value, tuple) for value in self.values):
            return tuple(json.dumps(value) for value in self.values)
        return self.values  # type: ignore[return-value]


@dataclass(frozen=True)
class Ranged:
    """A parameter searched in a range.

    Attributes
    ----------
    step
        Distance of neighbouring values; None for any real number in between.
    """

    low: float
    high: float
    step: float | None
    log: bool
    whole: bool
    per_exit: bool


Dimension: TypeAlias = Fixed | Listed | Ranged


def dimension(setting: Setting, whole: bool, where: str) -> Dimension:
    """What a setting makes of its parameter.

    Parameters
    ----------
    whole
        Whether the parameter takes whole numbers alone: a range of it holds no others.

    Raises
    ------
    InputError
        Whole numbers are asked for, and an end or the step of the range is none.
    """
    if isinstance(setting, OneOf):
        return Listed(setting.values)  # type: ignore[arg-type]
    if not isinstance(setting, Between):
        return Fixed(setting)  # type: ignore[arg-type]
    whole = whole or setting.distribution == "int_uniform"
    log = setting.distribution == "log_uniform_values"
    step = setting.spacing
    for name, value in (("min", setting.min), ("max", setting.max), ("step", step or 1)):
        if whole and value % 1:
            raise InputError(f"{where}: takes whole numbers, found {name} {value}")
    if whole:
        step = step or 1
    high = setting.max
    if step is not None:
        # The last value that whole steps from the first one reach; 1e-9 against rounding.
        high = setting.min + math.floor((setting.max - setting.min) / step + 1e-9) * step
    return Ranged(setting.min, high, step, log, whole, setting.per_exit)


def count(found: Dimension, exits: int) -> float:
    """Number of different values; infinity where it is a real number, or there are too many."""
    if isinstance(found, Listed):
        return len(found.values)
    if isinstance(found, Fixed):
        return 1
    if found.step is None:
        return math.inf
    one = round((found.high - found.low) / found.step) + 1
    several = one**exits if found.per_exit else one
    return several if several <= _MOST_COUNTED else math.inf


def every_value(found: Listed | Ranged) -> Sequence[Scalar]:
    """All values of a dimension that has finitely many, as Optuna takes them."""
    if isinstance(found, Listed):
        return found.labels
    step = found.step or 1
    steps = range(round((found.high - found.low) / step) + 1)
    return [_typed(found, found.low + index * step) for index in steps]


def ends(found: Dimension, exits: int) -> tuple[Value, ...]:
    """The values at the ends of a range; all of a list."""
    if isinstance(found, Fixed):
        return (found.value,)
    if isinstance(found, Listed):
        return found.values
    return tuple(_shared(found, value, exits) for value in (found.low, found.high))


def probes(found: Dimension, exits: int) -> tuple[Value, ...]:
    """The values to try out before training: all of a list or a short range, else ends and middle.

    Each has the type that a draw has.
    """
    if not isinstance(found, Ranged):
        return ends(found, exits)
    if found.whole and count(found, 1) <= _PROBED:
        return tuple(_shared(found, float(value), exits) for value in every_value(found))
    middle = math.sqrt(found.low * found.high) if found.log else (found.low + found.high) / 2
    inside = _shared(found, math.floor(middle) if found.whole else middle, exits)
    first, last = ends(found, exits)
    return (first, last, inside)


def names(name: str, found: Dimension, exits: int) -> tuple[str, ...]:
    """The names under which Optuna draws a dimension: one, or one per exit."""
    if isinstance(found, Ranged) and found.per_exit:
        return tuple(f"{name}_{exit_ + 1}" for exit_ in range(exits))
    return (name,)


def _typed(found: Ranged, value: float) -> int | float:
    return int(value) if found.whole else value


def _shared(found: Ranged, value: float, exits: int) -> Value:
    typed = _typed(found, value)
    return (typed,) * exits if found.per_exit else typed
