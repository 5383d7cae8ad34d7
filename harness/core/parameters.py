"""Plug-in parameters: declared once as annotated dataclass fields, everything else derived.

A plug-in is a frozen dataclass::

    @dataclass(frozen=True)
    class HardCGT(Regime):
        beta: Annotated[float, bounded(0, 1, "residual-gate strength")] = 1.0

Validation with clear errors, the JSON Schema, `harness list` and the docs derive from its fields.
"""

import dataclasses
import inspect
import typing
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

import pydantic
import pydantic_core
from pydantic.fields import FieldInfo

from harness.core.errors import InputError
from harness.core.faults import explain, unknown_name

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
    """Build a plug-in from plain values, strictly validated.

    A whole number stands for a float as well and a list for a tuple; nothing else is converted.

    Raises
    ------
    InputError
        A parameter is unknown, of the wrong type or out of range; the message starts with `where`
        (a file and field).
    """
    allowed = tuple(inspect.signature(plugin).parameters)
    unknown = [
        f"{where}: {unknown_name(name, allowed)}" for name in parameters if name not in allowed
    ]
    if unknown:
        raise InputError("\n".join(unknown))
    try:
        # As JSON, where lists are tuples: strict Python data would ask for tuples.
        plain = pydantic_core.to_json(dict(parameters), inf_nan_mode="constants")
        built: _T = _adapter(plugin).validate_json(plain, strict=True)
    except pydantic.ValidationError as error:
        raise InputError(explain(error, where, dict(parameters))) from None
    return built


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


def parameter_schema(plugin: type[_T]) -> dict[str, dict[str, pydantic.JsonValue]]:
    """JSON Schema of each parameter of a plug-in: type, range, default and description."""
    found: dict[str, dict[str, pydantic.JsonValue]]
    found = _adapter(plugin).json_schema().get("properties", {})
    return found


_WHOLE: dict[type[object], frozenset[str]] = {}


def whole_numbered(plugin: type[object]) -> frozenset[str]:
    """Names of a plug-in's parameters whose only numbers are whole ones."""
    if plugin not in _WHOLE:
        types = {name: _types(hint) for name, hint in typing.get_type_hints(plugin).items()}
        whole = (name for name, found in types.items() if int in found and float not in found)
        _WHOLE[plugin] = frozenset(whole)
    return _WHOLE[plugin]


def _types(hint: object) -> set[object]:
    """The types that a union or a tuple is made of."""
    inner = typing.get_args(hint)
    return set().union(*map(_types, inner)) if inner else {hint}


_ADAPTERS: dict[type[object], pydantic.TypeAdapter[Any]] = {}


def _adapter(plugin: type[_T]) -> pydantic.TypeAdapter[_T]:
    if plugin not in _ADAPTERS:
        _ADAPTERS[plugin] = pydantic.TypeAdapter(plugin)
    found: pydantic.TypeAdapter[_T] = _ADAPTERS[plugin]
    return found
