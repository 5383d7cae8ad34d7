"""`harness list`."""

import importlib
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from harness.cli import options, printing
from harness.core.errors import InputError

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


_COLUMNS = ("name", "summary", "tasks", "inputs", "parameters", "from")


def list_plugins(
    kind: Annotated[Kind, typer.Argument(help="Kind of plug-in.")], as_json: options.AsJson = False
) -> None:
    """List the plug-ins that a study file may name, with their parameters and defaults.

    Those of the project's `plugins/` and of `--plugins` are among them. One that cannot be imported
    is listed with what is wrong with it.

    Examples
    --------
        harness list regimes

        harness list backbones --json
    """
    registry = registry_of(kind)
    rows = [_row(registry, name) for name in registry.names()]
    if as_json:
        printing.print_json(rows)
        return
    columns = [column for column in _COLUMNS if any(column in row for row in rows)]
    for row in rows:
        if isinstance(parameters := row["parameters"], dict):
            defaults = (f"{name}={field.get('default')}" for name, field in parameters.items())
            row["parameters"] = ", ".join(defaults)
    printing.print_table(kind.value, [{c: row.get(c, "") for c in columns} for row in rows])


def _row(registry: "Registry[object]", name: str) -> dict[str, object]:
    """What there is to say of a plug-in, or what is wrong with it."""
    from harness.core.parameters import parameter_schema

    external = registry.external().get(name)
    origin = {"from": external.origin} if external else {}
    try:
        plugin = registry.get(name)
        parameters = parameter_schema(plugin)
    except InputError as error:
        return {"name": name, "summary": f"broken: {error}", "parameters": {}, **origin}
    said = {"name": name, "summary": registry.summary(name)}
    return {**said, **_declared(plugin), "parameters": parameters, **origin}


def _declared(plugin: type[object]) -> dict[str, object]:
    """The tasks that a plug-in is for, or the shape of its inputs, where it declares them."""
    tasks: tuple[str, ...] = getattr(plugin, "tasks", ()) or (getattr(plugin, "task", ""),)
    shape: tuple[int, ...] = getattr(plugin, "example_shape", ())
    return {
        **({"tasks": ", ".join(tasks)} if any(tasks) else {}),
        **({"inputs": list(shape)} if shape else {}),
    }


def registry_of(kind: Kind) -> "Registry[object]":
    """The registry of a kind."""
    package, name = REGISTRIES[kind]
    found: Registry[object] = getattr(importlib.import_module(package), name)
    return found
