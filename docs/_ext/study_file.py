"""The reference of study files, made of their JSON Schema: every field, its values and meaning."""

import re

import pydantic

from docs._ext.texts import Schema, anchor, default_of, described, table, values_of
from harness.core.parameters import parameter_schema
from harness.study.study_schema import study_schema
from harness.training.options import TrainingOptions

_ELSEWHERE = {
    "regimes": "a mapping: [regimes](regimes.md) by name, each with its parameters",
    "training": "a mapping: [options of training](#training)",
}


def study_file_reference() -> str:
    """Markdown: the fields of a study file, then what is nested in them."""
    schema = study_schema()
    definitions = _mapping(schema.get("$defs"))
    options: dict[str, pydantic.JsonValue] = {**parameter_schema(TrainingOptions)}
    parts = [
        _fields(schema, definitions),
        "## Training",
        _fields({"properties": options}, definitions),
    ]
    for name, definition in definitions.items():
        inner = _mapping(definition)
        parts += [f"## {_title(name)}", described(inner)]
        has_fields = "properties" in inner
        parts.append(_fields(inner, definitions) if has_fields else values_of(inner))
    return "\n\n".join(part for part in parts if part)


def _fields(schema: Schema, definitions: Schema) -> str:
    """A table of the fields of a mapping."""
    required = schema.get("required")
    needed = required if isinstance(required, list) else []
    called = {name: f"[{_title(name)}](#{anchor(_title(name))})" for name in definitions}
    rows = []
    for name, found in _mapping(schema.get("properties")).items():
        field = _mapping(found)
        referred = _mapping(definitions.get(str(field.get("$ref")).rpartition("/")[2]))
        values = _ELSEWHERE.get(name) or values_of(field, called)
        default = "*required*" if name in needed else default_of(field)
        rows.append([f"`{name}`", values, default, described(field) or described(referred)])
    return table(("Field", "Values", "Default", "Meaning"), rows)


def _title(name: str) -> str:
    """A definition's name in words: BackboneChoice is "Backbone choice"."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name.strip("_")).capitalize()


def _mapping(value: object) -> Schema:
    return value if isinstance(value, dict) else {}
