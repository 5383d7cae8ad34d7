"""What is wrong with a file, in its own words: pydantic's findings, one line per fault."""

import difflib
import re
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import TypeAlias

import pydantic
from pydantic_core import ErrorDetails

_Place: TypeAlias = tuple[int | str, ...]
_SHOWN = 80
"""Characters of a value that a message shows."""
_LINES = 20
"""Faults that a message lists."""
_NOTHING = object()


def explain(error: pydantic.ValidationError, where: str, given: object = None) -> str:
    """One line per fault: the field, what was found and what is allowed.

    Parameters
    ----------
    given
        What was validated, where a user wrote it: fields are then named as they stand there,
        without the members of unions that pydantic tried, and each faulty value has one line.
    """
    faults: dict[_Place, list[ErrorDetails]] = {}
    for fault in error.errors(include_url=False):
        faults.setdefault(_place(fault, given), []).append(fault)
    # A fault inside of a value says more: there, another member of a union fits.
    outer = {place[:end] for place in faults for end in range(len(place))}
    shown = [place for place in faults if given is None or place not in outer]
    lines = [f"{where}: {_field(place)}{_in_words(faults[place])}" for place in shown[:_LINES]]
    if len(shown) > _LINES:
        lines.append(f"{where}: {len(shown) - _LINES} more faults")
    return "\n".join(lines)


def shortened(text: str) -> str:
    """The beginning of a text that a user wrote, for a message."""
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}..."


def unknown_name(name: str, allowed: Sequence[str]) -> str:
    """What to say of a field that does not exist: the one probably meant, and those that do."""
    name = shortened(name)
    near = meant(name, allowed) or "."
    return f"{name}: no such field{near} Allowed: {', '.join(allowed) or 'none'}"


def meant(name: str, known: Iterable[str]) -> str:
    """The known name that a mistyped one probably stands for, to follow a message; else nothing.

    Examples
    --------
    >>> meant("jonit", ["mixed", "joint"])
    "; did you mean 'joint'?"
    >>> meant("joint", ["mixed"])
    ''
    """
    near = nearest(name, known)
    return "" if near is None else f"; did you mean {near!r}?"


def meant_or_known(name: str, known: Sequence[str]) -> str:
    """The name probably meant and all that there are, to follow a message on an unknown one.

    Examples
    --------
    >>> meant_or_known("jonit", ["joint", "mixed"])
    "; did you mean 'joint'? Known: joint, mixed"
    >>> meant_or_known("none", ["joint", "mixed"])
    '; known: joint, mixed'
    """
    near, listed = meant(name, known), ", ".join(known)
    return f"{near} Known: {listed}" if near else f"; known: {listed}"


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The known name that is most like a mistyped one; None where none is like it."""
    return next(iter(difflib.get_close_matches(name, list(known), 1)), None)


def _place(fault: ErrorDetails, given: object) -> _Place:
    location = fault["loc"]
    if given is None:
        return location
    place: list[int | str] = []
    for part in location:
        inner = _part(given, part)
        if inner is not _NOTHING:
            given = inner
        elif fault["type"] != "missing" or part != location[-1]:
            continue  # a member of a union
        place.append(part)
    return tuple(place)


def _part(given: object, part: int | str) -> object:
    if isinstance(given, Mapping):
        return given.get(part, _NOTHING)
    within = isinstance(given, list | tuple) and isinstance(part, int) and part < len(given)
    return given[part] if within else _NOTHING  # type: ignore[index]


def _field(place: _Place) -> str:
    return f"{'.'.join(shortened(str(part)) for part in place)}: " if place else ""


def _in_words(faults: Sequence[ErrorDetails]) -> str:
    """The faults of one value; a member of a union that its type fits knows best what is wrong."""
    best = [fault for fault in faults if not fault["type"].endswith("_type")] or faults
    words = list(dict.fromkeys(_plain_words(fault["msg"]) for fault in best))
    said = " or ".join([words[0], *(word.removeprefix("Input should be ") for word in words[1:])])
    if best[0]["type"] in {"missing", "unknown_field", "value_error"}:
        return said  # there is nothing, or the message has it
    value = best[0]["input"]
    found = shortened(repr(value))
    return f"{said}, found {found}{_hint({fault['type'] for fault in best}, value)}"


def _plain_words(message: str) -> str:
    """Pydantic's message in the words of a file, which has lists and mappings."""
    message = message.removeprefix("Value error, ").replace(" after validation", "")
    message = re.sub(r" or instance of \w+", "", message)
    message = message.replace("an object", "a mapping")
    message = re.sub(r"\b(array|tuple)\b", "list", message).replace("Tuple", "List")
    return re.sub(r"\b(dictionary|object)\b", "mapping", message).replace("Dictionary", "Mapping")


def _hint(types: AbstractSet[str], value: object) -> str:
    if isinstance(value, str) and types & {"int_type", "float_type"}:
        return "; a number stands without quotes, such as 3 or 1e-3"
    if isinstance(value, str) and "bool_type" in types:
        return "; write true or false"
    if isinstance(value, float) and value.is_integer() and "int_type" in types:
        return f"; write {int(value)}"
    if value is None and types & {"dict_type", "model_type"}:
        return "; write {} for an empty one"
    return ""
