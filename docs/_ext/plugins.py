"""The reference of plug-ins, made of the registries: docstring, parameters, papers."""

import inspect
import re
from collections.abc import Mapping
from pathlib import Path

from docs._ext.texts import (
    Schema,
    anchor,
    arxiv_papers,
    default_of,
    described,
    escaped,
    table,
    values_of,
)
from harness.cli.listing import Kind, registry_of
from harness.core.parameters import parameter_schema

DEFINED = {Kind.REGIMES: "Regime", Kind.POLICIES: "Policy", Kind.SELECTIONS: "Selection"}
"""Kinds whose plug-ins are defined among the methods, by the word in the heading."""
_METHODS = Path(__file__).parents[1] / "methods.md"
_UNDERLINED = re.compile(r"^(\S.*)\n-{3,}$", re.MULTILINE)


def plugin_reference(kind: Kind) -> str:
    """Markdown: a section per plug-in of a kind that harness brings."""
    shared = _shared(kind)
    sections = [_section(kind, name, shared) for name in registry_of(kind).names()]
    if shared:
        sections.append(f"## Parameters that all of them have\n\n{_parameters(shared)}")
    return "\n\n".join(sections)


def _shared(kind: Kind) -> dict[str, Schema]:
    """The parameters that all plug-ins of a kind have from their contract, as most have them."""
    registry = registry_of(kind)
    every = [parameter_schema(registry.get(name)) for name in registry.names()]
    names = [name for name in every[0] if all(name in each for each in every)]
    if len(every) == 1:
        return {}
    found: dict[str, Schema] = {}
    for name in names:
        alike: list[Schema] = [each[name] for each in every]
        found[name] = max(alike, key=alike.count)
    return found


def _section(kind: Kind, name: str, shared: Mapping[str, Schema]) -> str:
    registry = registry_of(kind)
    plugin = registry.get(name)
    own = {n: f for n, f in parameter_schema(plugin).items() if shared.get(n) != f}
    definition, papers = _definition(kind, name), ""
    cited = arxiv_papers(f"{inspect.getdoc(plugin)}\n{_defined_text(kind, name)}")
    if cited:
        links = (f"[arXiv {number}](https://arxiv.org/abs/{number})" for number in cited)
        papers = f"Source: {', '.join(links)}."
    facts = [each for each in (definition, papers, _facts(plugin)) if each]
    parts = [
        f"## `{name}`",
        escaped(registry.summary(name)),
        _prose(inspect.getdoc(plugin) or ""),
        _parameters(own)
        if own
        else "No parameters but [those that all have](#parameters-that-all-of-them-have)."
        if shared
        else "No parameters.",
        "\\\n".join(facts),
    ]
    return "\n\n".join(part for part in parts if part)


def _parameters(fields: Mapping[str, Schema]) -> str:
    rows = (
        [f"`{name}`", values_of(field), default_of(field), described(field)]
        for name, field in fields.items()
    )
    return table(("Parameter", "Values", "Default", "Meaning"), rows)


def _prose(text: str) -> str:
    """A docstring as Markdown; its sections, of which headings would be made, in bold."""
    parts = _UNDERLINED.split(text)
    shown = [escaped(p.strip()) if i % 2 == 0 else f"**{p}**" for i, p in enumerate(parts)]
    return "\n\n".join(part for part in shown if part)


def _definition(kind: Kind, name: str) -> str:
    if kind not in DEFINED:
        return ""
    title = f"{DEFINED[kind]} `{name}`"
    return f"Definition: [methods, {title}](../methods.md#{anchor(title)})."


def _defined_text(kind: Kind, name: str) -> str:
    """The text of a plug-in's section among the methods."""
    title = f"### {DEFINED.get(kind, '-')} `{name}`\n"
    _, _, after = _METHODS.read_text(encoding="utf-8").partition(title)
    return re.split(r"^#", after, maxsplit=1, flags=re.MULTILINE)[0]


def _facts(plugin: type[object]) -> str:
    """The tasks that it is for, and the shape of its inputs, where it declares them."""
    tasks: tuple[str, ...] = getattr(plugin, "tasks", ()) or (getattr(plugin, "task", ""),)
    shape: tuple[int, ...] = getattr(plugin, "example_shape", ())
    said = [f"For {' and '.join(tasks)}."] if any(tasks) else []
    if shape:
        said.append(f"Inputs such as {escaped(str(list(shape)))}.")
    return " ".join(said)
