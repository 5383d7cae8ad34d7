"""Plug-in parameters: declared once as annotated dataclass fields, everything else derived.

A plug-in is a frozen dataclass::

    @dataclass(frozen=True)
    class HardCGT(Regime):
        beta: Annotated[float, bounded(0, 1, "residual-gate strength")] = 1.0

Validation with clear errors, the JSON Schema, `harness list` and the docs derive from its fields.
"""

import difflib
import functools
import inspect
import re
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import TypeAlias, TypeVar

import pydantic
import pydantic_core
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from harness.core.errors import InputError

Value: TypeAlias = bool | int | float | str | tuple[int | float, ...]
Parameters: TypeAlias = Mapping[str, Value]
PerExit: TypeAlias = float | tuple[float, ...]
"""One value shared by all exits, or one per exit."""

STRICT = pydantic.ConfigDict(extra="forbid", allow_inf_nan=False)

_SHOWN = 80
"""Characters of a value that a message shows."""

_T = TypeVar("_T")


def bounded(low: float, high: float, summary: str) -> FieldInfo:
    """Declare the closed range and the one-line meaning of a numeric parameter."""
    return pydantic.Field(ge=low, le=high, description=summary)  # type: ignore[no-any-return]


def described(summary: str) -> FieldInfo:
    """Declare the one-line meaning of a parameter whose type already restricts its values."""
    return pydantic.Field(description=summary)  # type: ignore[no-any-return]


def build(plugin: type[_T], parameters: Mapping[str, object], where: str) -> _T:
    """Build a plug-in from plain values, strictly validated.

    A whole number stands for a float as well and a list for a tuple; nothing else is converted.

    Raises
    ------
    InputError
        A parameter is unknown, of the wrong type or out of range; the message starts with `where`
        (a file and field).
    """
    allowed = tuple(inspect.signature(plugin).parameters)
    unknown = [f"{where}: {unknown_name(name, allowed)}" for name in parameters if name not in allowed]
    if unknown:
        raise InputError("\n".join(unknown))
    try:
        # As JSON, where lists are tuples: strict Python data would ask for tuples.
        plain = pydantic_core.to_json(dict(parameters), inf_nan_mode="constants")
        return _adapter(plugin).validate_json(plain, strict=True)
    except pydantic.ValidationError as error:
        raise InputError(explain(error, where, dict(parameters))) from None


def unknown_name(name: str, allowed: Sequence[str]) -> str:
    """What to say of a field that does not exist: those that do, and the one probably meant."""
    near = difflib.get_close_matches(name, allowed, 1)
    meant = f"; did you mean {near[0]}?" if near else ";"
    return f"{name}: no such field{meant} Allowed: {', '.join(allowed) or 'none'}"


def explain(error: pydantic.ValidationError, where: str, given: object = None) -> str:
    """One line per fault that pydantic found: the field, what was found and what is allowed.

    Parameters
    ----------
    given
        What was validated, where the reader wrote it: fields are then named as they stand there,
        without the members of unions that pydantic tried.
    """
    faults: dict[tuple[int | str, ...], list[ErrorDetails]] = {}
    for fault in error.errors(include_url=False):
        faults.setdefault(_place(fault, given), []).append(fault)
    # Only other members of a union find a fault in a value and another one inside of it.
    inner = [p for p in faults if not any(o != p and o[: len(p)] == p for o in faults)]
    return "\n".join(
        ": ".join([where, *(".".join(map(str, place)),) * bool(place), _in_words(faults[place])])
        for place in inner
    )


def _place(fault: ErrorDetails, given: object) -> tuple[int | str, ...]:
    location = fault["loc"]
    if given is None:
        return location
    place: list[int | str] = []
    for index, part in enumerate(location):
        if isinstance(given, Mapping) and part in given:
            given = given[part]
        elif isinstance(given, list | tuple) and isinstance(part, int) and part < len(given):
            given = given[part]
        elif fault["type"] != "missing" or index < len(location) - 1:
            continue
        place.append(part)
    return tuple(place)


def _in_words(faults: Sequence[ErrorDetails]) -> str:
    """The faults of one value; a member of a union that its type fits knows best what is wrong."""
    best = [fault for fault in faults if not fault["type"].endswith("_type")] or faults
    words = list(dict.fromkeys(_plain_words(fault["msg"]) for fault in best))
    said = " or ".join([words[0], *(word.removeprefix("Input should be ") for word in words[1:])])
    if best[0]["type"] in {"missing", "unknown_field", "value_error"}:
        return said  # or it names itself what was found
    value = best[0]["input"]
    shown = repr(value)
    found = shown if len(shown) <= _SHOWN else f"{shown[:_SHOWN]}..."
    return f"{said}, found {found}{_hint({fault['type'] for fault in best}, value)}"


def _plain_words(message: str) -> str:
    """Pydantic's message in the words of a file: lists and mappings."""
    message = message.removeprefix("Value error, ").replace(" after validation", "")
    message = re.sub(r" or instance of \w+", "", message)
    message = re.sub(r"\b(array|tuple)\b", "list", re.sub(r"\bTuple\b", "List", message))
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


def parameter_schema(plugin: type[_T]) -> dict[str, dict[str, pydantic.JsonValue]]:
    """JSON Schema of each parameter of a plug-in: type, range, default and description."""
    found: dict[str, dict[str, pydantic.JsonValue]]
    found = _adapter(plugin).json_schema().get("properties", {})
    return found


@functools.cache
def whole_numbered(plugin: type[object]) -> frozenset[str]:
    """Names of a plug-in's parameters whose only numbers are whole ones."""
    found = set()
    for name, schema in parameter_schema(plugin).items():
        forms = schema.get("anyOf", [schema])
        types = {form.get("type") for form in forms} if isinstance(forms, list) else set()
        if "integer" in types and "number" not in types:
            found.add(name)
    return frozenset(found)


@functools.cache
def _adapter(plugin: type[_T]) -> pydantic.TypeAdapter[_T]:
    return pydantic.TypeAdapter(plugin)
