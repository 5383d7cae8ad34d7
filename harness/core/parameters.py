"""Plug-in parameters: declared once as annotated dataclass fields, everything else derived.

A plug-in is a frozen dataclass::

    @dataclass(frozen=True)
    class HardCGT(Regime):
        beta: Annotated[float, bounded(0, 1, "residual-gate strength")] = 1.0

Validation with clear errors, the JSON Schema, `harness list` and the docs derive from its fields.
"""

import dataclasses
from collections.abc import Mapping
from typing import TYPE_CHECKING, TypeAlias, TypeVar

import pydantic
from pydantic.fields import FieldInfo

from harness.core.errors import InputError

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

Value: TypeAlias = bool | int | float | str | tuple[int | float, ...]
Parameters: TypeAlias = Mapping[str, Value]
PerExit: TypeAlias = float | tuple[float, ...]
"""One value shared by all exits, or one per exit."""

STRICT = pydantic.ConfigDict(extra="forbid", allow_inf_nan=False)

_T = TypeVar("_T")


def bounded(low: float, high: float, summary: str) -> FieldInfo:
    """Declare the closed range and the one-line meaning of a numeric parameter."""
    return pydantic.Field(ge=low, le=high, description=summary)  # type: ignore[no-any-return]


def described(summary: str) -> FieldInfo:
    """Declare the one-line meaning of a parameter whose type already restricts its values."""
    return pydantic.Field(description=summary)  # type: ignore[no-any-return]


def build(plugin: type[_T], parameters: Mapping[str, object], where: str) -> _T:
    """Build a plug-in from plain values, validated.

    Raises
    ------
    InputError
        A parameter is unknown, of the wrong type or out of range; the message starts with `where`
        (a file and field).
    """
    try:
        return pydantic.TypeAdapter(plugin).validate_python(dict(parameters))
    except pydantic.ValidationError as error:
        raise InputError(explain(error, where)) from None


def parameters_of(plugin: "DataclassInstance", where: str) -> Parameters:
    """All parameters of a plug-in as typed values, defaults included.

    Two plug-ins that are built alike have equal ones, whether a default is written out or not, `1`
    stands for `1.0` or a list for a tuple.

    Raises
    ------
    InputError
        As `build` raises it: a plug-in made by its constructor is not validated before.
    """
    given = {field.name: getattr(plugin, field.name) for field in dataclasses.fields(plugin)}
    # Built again: neither the constructor nor a default is converted to the field's type.
    typed = build(type(plugin), given, where)
    return {name: getattr(typed, name) for name in given}


def explain(error: pydantic.ValidationError, where: str) -> str:
    """One line per error that pydantic found: the field, what was found and what is allowed."""
    lines = []
    for fault in error.errors(include_url=False):
        field = ".".join(str(part) for part in fault["loc"]) or "value"
        found = "" if fault["type"] == "missing" else f", found {fault['input']!r}"
        lines.append(f"{where}: {field}: {fault['msg']}{found}")
    return "\n".join(lines)


def parameter_schema(plugin: type[_T]) -> dict[str, dict[str, pydantic.JsonValue]]:
    """JSON Schema of each parameter of a plug-in: type, range, default and description."""
    found: dict[str, dict[str, pydantic.JsonValue]]
    found = pydantic.TypeAdapter(plugin).json_schema().get("properties", {})
    return found
