"""The known configurations that a study begins with, as Optuna takes them."""

from collections.abc import Iterator, Mapping

from harness.core.errors import InputError
from harness.core.faults import unknown_name
from harness.core.search_effort import Enqueued
from harness.core.settings import Scalar
from harness.core.study_spec import StudySpec
from harness.study.dimensions import Dimension, Fixed, Listed, Ranged, names
from harness.study.space import exit_counts, search_space

_ROUNDING = 1e-8
"""Of a step, by which a value may miss a multiple of it: Optuna's own."""


def enqueued(study: StudySpec, regime: str) -> tuple[Mapping[str, Scalar], ...]:
    """The configurations that a regime's searches begin with: Optuna's names and values.

    Raises
    ------
    InputError
        A parameter is not searched, or a value is not among those that it is searched in.
    """
    own = [(n, each) for n, each in enumerate(study.enqueue) if each.regime == regime]
    return tuple(_taken(study, each, f"enqueue.{number}.parameters") for number, each in own)


def check_enqueued(study: StudySpec) -> None:
    """Refuse what cannot be enqueued.

    Raises
    ------
    InputError
        The errors of `enqueued`; a configuration is there twice; or one of a grid is not whole.
    """
    for regime in study.regimes:
        found = enqueued(study, regime)
        for index, each in enumerate(found):
            if each in found[:index]:
                raise InputError(f"enqueue: a configuration of {regime} is there twice: {each}")
            lacking = [name for name in _searched(study, regime) if name not in each]
            if study.method == "grid" and lacking:
                raise InputError(
                    f"enqueue: a configuration of {regime} leaves out {', '.join(lacking)}; with "
                    "method: grid give every searched parameter"
                )


def _taken(study: StudySpec, known: Enqueued, where: str) -> dict[str, Scalar]:
    searched = _searched(study, known.regime)
    fixed = {name for name, _ in _named(study, known.regime, fixed=True)}
    for name in known.parameters:
        if name in fixed:
            raise InputError(
                f"{where}.{name}: the study file fixes it; searched are {_list(searched)}"
            )
        if name not in searched:
            raise InputError(f"{where}: {unknown_name(name, tuple(searched))}")
    return {
        name: _value(searched[name], value, f"{where}.{name}")
        for name, value in known.parameters.items()
    }


def _list(searched: Mapping[str, Listed | Ranged]) -> str:
    return ", ".join(searched) or "none"


def _searched(study: StudySpec, regime: str) -> dict[str, Listed | Ranged]:
    """The dimensions that a regime searches, by Optuna's name of each parameter."""
    named = _named(study, regime, fixed=False)
    return {name: found for name, found in named if not isinstance(found, Fixed)}


def _named(study: StudySpec, regime: str, *, fixed: bool) -> Iterator[tuple[str, Dimension]]:
    exits = max(exit_counts(study))
    for section, dimensions in search_space(study, regime).items():
        for own, found in dimensions.items():
            if isinstance(found, Fixed) == fixed:
                yield from ((name, found) for name in names(f"{section}.{own}", found, exits))
    if study.thresholds.selection == "sampled" and not fixed:
        low, high = study.thresholds.min, study.thresholds.max
        for number in range(1, exits):
            yield f"threshold_{number}", Ranged(low, high, None, False, False, False)


def _value(found: Listed | Ranged, value: Scalar | tuple[Scalar, ...], where: str) -> Scalar:
    """A value as Optuna takes it; raises InputError where it is not one that may be drawn."""
    if isinstance(found, Listed):
        same = (
            n for n, each in enumerate(found.values) if (type(each), each) == (type(value), value)
        )
        if (index := next(same, None)) is None:
            raise InputError(f"{where}: takes one of {list(found.values)}, found {value!r}")
        return found.labels[index]
    kind = "a whole number" if found.whole else "a number"
    allowed = f"{kind} from {found.low:g} to {found.high:g}"
    allowed += f" in steps of {found.step:g}" if found.step not in (None, 1) else ""
    if isinstance(value, bool | str | tuple) or not _within(found, value):
        raise InputError(f"{where}: takes {allowed}, found {value!r}")
    return int(value) if found.whole else float(value)


def _within(found: Ranged, value: float) -> bool:
    steps = (value - found.low) / found.step if found.step else 0.0
    return found.low <= value <= found.high and abs(steps - round(steps)) < _ROUNDING
