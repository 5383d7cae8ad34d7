"""`harness list`."""

import importlib
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from harness.cli import options, printing

if TYPE_CHECKING:
    from harness.core.plugins import Registry


class Kind(StrEnum):
    """The kinds of plug-ins."""

    DATASETS = "datasets"
    BACKBONES = "backbones"
    REGIMES = "regimes"
    POLICIES = "policies"
    SELECTIONS = "selections"


REGISTRIES = {
    Kind.DATASETS: ("harness.data.sets", "DATASETS"),
    Kind.BACKBONES: ("harness.models.backbones", "BACKBONES"),
    Kind.REGIMES: ("harness.regimes", "REGIMES"),
    Kind.POLICIES: ("harness.policies", "POLICIES"),
    Kind.SELECTIONS: ("harness.frontier.selections", "SELECTIONS"),
}


def list_plugins(
    kind: Annotated[Kind, typer.Argument(help="Kind of plug-in.")], as_json: options.AsJson = False
) -> None:
    """List the plug-ins that a study file may name, with their parameters and defaults.

    Examples
    --------
        harness list regimes

        harness list backbones --json
    """
    from harness.core.parameters import parameter_schema

    registry = _registry(kind)
    plugins = {name: registry.get(name) for name in registry.names()}
    found = {name: parameter_schema(plugin) for name, plugin in plugins.items()}
    rows: list[dict[str, object]] = [
        {
            "name": name,
            "summary": registry.summary(name),
            **_declared(plugins[name]),
            "parameters": parameters,
        }
        for name, parameters in found.items()
    ]
    if as_json:
        printing.print_json(rows)
        return
    for row, parameters in zip(rows, found.values(), strict=True):
        defaults = (f"{name}={field.get('default')}" for name, field in parameters.items())
        row["parameters"] = ", ".join(defaults)
    printing.print_table(kind.value, rows)


def _declared(plugin: type[object]) -> dict[str, object]:
    """The tasks that a plug-in is for, or the shape of its inputs, where it declares them."""
    tasks: tuple[str, ...] = getattr(plugin, "tasks", ()) or (getattr(plugin, "task", ""),)
    shape: tuple[int, ...] = getattr(plugin, "example_shape", ())
    return {
        **({"tasks": ", ".join(tasks)} if any(tasks) else {}),
        **({"inputs": list(shape)} if shape else {}),
    }


def _registry(kind: Kind) -> "Registry[object]":
    package, name = REGISTRIES[kind]
    found: Registry[object] = getattr(importlib.import_module(package), name)
    return found
