"""Markdown made of plain text: escaping, tables, values of a JSON Schema in words."""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import TypeAlias

import pydantic

Schema: TypeAlias = Mapping[str, pydantic.JsonValue]

_MARKS = re.compile(r"([\\*_<>\[\]|])")
_BAR = re.compile(r"(?<!\\)\|")
_CODE = re.compile(r"(`+[^`]*`+)")
_ARXIV = re.compile(r"(?:arXiv )?\b(\d{4}\.\d{4,5})\b")
_WORDS = {"boolean": "true or false", "string": "text", "null": "nothing"}
_NUMBERS = {"integer": "whole number", "number": "number"}


def escaped(text: str) -> str:
    """Plain text for Markdown: what stands in backticks stays code, all else is shown as it is."""
    parts = _CODE.split(text)
    return "".join(p if p.startswith("`") else _MARKS.sub(r"\\\1", p) for p in parts)


def arxiv_papers(text: str) -> tuple[str, ...]:
    """Numbers of the arXiv papers that a text cites, in order, each once."""
    return tuple(dict.fromkeys(_ARXIV.findall(text)))


def anchor(title: str) -> str:
    """The anchor of a heading, as GitHub and MyST make it."""
    return re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table of Markdown; cells are Markdown in one line."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(map(_cell, line))} |" for line in lines)


def _cell(text: str) -> str:
    """A cell of a table: a bar in it, in code too, does not end it."""
    return _BAR.sub(r"\|", text) or " "


def code(value: object) -> str:
    """A value as code, or nothing."""
    return "" if value is None else f"`{value}`"


def default_of(field: Schema) -> str:
    """The default of a field as YAML would hold it; empty where it has none."""
    if "default" not in field:
        return ""
    value = field["default"]
    shown = json.dumps(value)
    return "" if value is None else f"`{value if isinstance(value, str) and value else shown}`"


def described(field: Schema) -> str:
    """What a field means, in one line."""
    return escaped(" ".join(str(field.get("description", "")).split()))


def values_of(field: Schema, definitions: Mapping[str, str] | None = None) -> str:
    """The values that a field of a JSON Schema takes, in words.

    Parameters
    ----------
    definitions
        What to call each definition that the schema refers to, as Markdown.
    """
    if reference := field.get("$ref"):
        name = str(reference).rpartition("/")[2]
        return (definitions or {}).get(name, escaped(name))
    if isinstance(found := field.get("enum", [field.get("const")]), list) and found != [None]:
        return ", ".join(code(value) for value in found)
    for several in ("anyOf", "oneOf"):
        if isinstance(options := field.get(several), list):
            said = [values_of(each, definitions) for each in options if isinstance(each, dict)]
            return _alternatives(tuple(dict.fromkeys(each for each in said if each)))
    return _of_one_type(field, definitions)


def _of_one_type(field: Schema, definitions: Mapping[str, str] | None) -> str:
    kind = str(field.get("type", ""))
    if kind in _NUMBERS:
        return _NUMBERS[kind] + _range(field)
    if kind == "array":
        return _list(field, definitions)
    return _WORDS.get(kind, "mapping" if kind == "object" else "")


def _alternatives(said: tuple[str, ...]) -> str:
    """Several kinds of values in words; one value, or a list of such, is named once."""
    if said[1:] == (f"list of: {said[0]}",):
        return f"{said[0]}, or a list of such"
    return " or ".join(said)


def _range(field: Schema) -> str:
    low = next((field[key] for key in ("minimum", "exclusiveMinimum") if key in field), None)
    high = next((field[key] for key in ("maximum", "exclusiveMaximum") if key in field), None)
    above = "above" if "exclusiveMinimum" in field else "from"
    below = "below" if "exclusiveMaximum" in field else "to"
    least = "" if low is None else f" {above} {low}"
    return least + ("" if high is None else f" {below} {high}")


def _list(field: Schema, definitions: Mapping[str, str] | None) -> str:
    items = field.get("items")
    if isinstance(items, dict):
        return f"list of: {values_of(items, definitions)}"
    several = field.get("prefixItems")
    listed = several if isinstance(several, list) else []
    each = [values_of(item, definitions) for item in listed if isinstance(item, dict)]
    return f"list of: {', '.join(each)}" if each else "list"
