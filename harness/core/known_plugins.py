"""Which file is which plug-in, found without importing any of harness."""

import ast
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeGuard

from harness.core.external_plugins import external_plugins
from harness.core.plugin_files import KINDS

_ROOT = Path(__file__).parents[2]
_REGISTRY = "Registry"


@dataclass(frozen=True)
class PluginFiles:
    """The plug-ins of a kind.

    Attributes
    ----------
    package
        In which the contract lies.
    contract
        Dotted name of the class that each of them extends.
    files
        Name to file.
    """

    package: str
    contract: str
    files: Mapping[str, Path]


def plugin_files(kind: str) -> PluginFiles:
    """The plug-ins of a kind that are files: those of harness, and of the folders in use.

    Raises
    ------
    ValueError
        The package makes no registry with a literal list of helpers.
    """
    package = KINDS[kind]
    folder = _ROOT.joinpath(*package.split("."))
    contract, helpers = _registered(folder / "__init__.py")
    own = {path.stem: path for path in folder.glob("*.py") if path.stem not in helpers}
    added = {
        name: source.file
        for name, source in external_plugins(kind)
        if source.file is not None and source.file.is_file()
    }
    return PluginFiles(package, f"{package}.{contract}", {**added, **own})


def is_external(kind: str, name: str) -> bool:
    """Whether a plug-in of this name comes from outside the package, as a file or not."""
    return any(name == each for each, _ in external_plugins(kind))


def _is_registry(node: ast.AST) -> TypeGuard[ast.Call]:
    called = isinstance(node, ast.Call) and node.func
    return isinstance(called, ast.Name) and called.id == _REGISTRY


def _registered(module: Path) -> tuple[str, frozenset[str]]:
    """The contract that a package's registry is made with, and its modules that are no plug-ins."""
    calls = (each for each in ast.walk(ast.parse(module.read_bytes())) if _is_registry(each))
    for node in calls:
        _, contract, *others = node.args
        others += [each.value for each in node.keywords if each.arg == "helpers"]
        if isinstance(contract, ast.Name):
            helpers = ast.literal_eval(others[0]) if others else ()
            return contract.id, frozenset({"__init__", *helpers})
    raise ValueError(f"{module}: no {_REGISTRY}(package, contract, helpers)")
