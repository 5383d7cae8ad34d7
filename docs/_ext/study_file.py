"""The reference of study files, made of their JSON Schema: every field, its values and meaning."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import TypeAlias

import pydantic

from docs._ext.texts import Schema, anchor, default_of, described, table, values_of
from harness.core.parameters import parameter_schema
from harness.study.study_schema import study_schema
from harness.training.options import TrainingOptions

_Fields: TypeAlias = Mapping[str, pydantic.JsonValue]
_HEAD = ("Field", "Values", "Default", "Meaning")
_ELSEWHERE = {
    "regimes": "a mapping: [regimes](regimes.md) by name, each with its parameters",
    "training": "a mapping: [options of training](#training)",
}


def study_file_reference() -> str:
    """Markdown: the fields of a study file, then what is nested in them."""
    schema = study_schema()
    definitions, fields = _mapping(schema.get("$defs")), _mapping(schema.get("properties"))
    called = {name: f"[{_title(name)}](#{anchor(_title(name))})" for name in definitions}
    required = schema.get("required")
    needed = required if isinstance(required, list) else []
    parts = [table(_HEAD, _rows(fields, called, needed))]
    training = table(_HEAD, _rows(parameter_schema(TrainingOptions), called, []))
    parts += ["## Training", training]
    for name, definition in definitions.items():
        parts += [f"## {_title(name)}", described(_mapping(definition))]
        inner = _mapping(_mapping(definition).get("properties"))
        asked = _mapping(definition).get("required")
        parts.append(
            table(_HEAD, _rows(inner, called, asked if isinstance(asked, list) else []))
            if inner
            else values_of(_mapping(definition), called)
        )
    return "\n\n".join(part for part in parts if part)


def _rows(
    fields: _Fields, called: Mapping[str, str], required: Sequence[object]
) -> Iterator[list[str]]:
    for name, field in fields.items():
        schema: Schema = _mapping(field)
        values = _ELSEWHERE.get(name) or values_of(schema, called)
        default = "*required*" if name in required else default_of(schema)
        yield [f"`{name}`", values, default, described(schema)]


def _title(name: str) -> str:
    """A definition's name in words: BackboneChoice is "Backbone choice"."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name.strip("_")).capitalize()


def _mapping(value: object) -> _Fields:
    return value if isinstance(value, dict) else {}
