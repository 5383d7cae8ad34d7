"""The parameters that a plug-in declares, read off its source without running it.

To import a regime takes as long as to import torch, seconds; its file is read in a millisecond.
"""

import ast
import functools
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import resolve_name
from pathlib import Path

_PACKAGE = Path(__file__).parents[1]
_NO_FIELDS = {"ABC", "Generic", "Protocol", "object"}
"""Bases from elsewhere of which it is known that they declare no field."""


@dataclass(frozen=True)
class _Class:
    """A class of a module."""

    file: Path
    node: ast.ClassDef


@dataclass(frozen=True)
class _Lineage:
    """A class after all of its bases within harness; `whole` where there are no others."""

    classes: tuple[_Class, ...]
    whole: bool


def declared_parameters(file: Path, contract: str) -> tuple[str, ...] | None:
    """Names of a plug-in's parameters, those of its base classes first.

    They are its dataclass's fields: annotated names of the class and of the bases that it takes
    from harness, class variables excluded.

    Parameters
    ----------
    contract
        Dotted name of the class that the plug-in extends, such as `harness.regimes.Regime`.

    Returns
    -------
    None where the source does not tell: it cannot be parsed, has not exactly one such class, or one
    with a base from elsewhere, with a constructor of its own or a field that is not set by it.
    """
    try:
        found = [_lineage(each) for each in _classes(file)]
        base = _imported(*contract.rsplit(".", 1))
    except (OSError, SyntaxError, ValueError):
        return None
    plugins = [each for each in found if base in each.classes[:-1]]
    if base is None or len(plugins) != 1 or not plugins[0].whole:
        return None
    parameters: dict[str, bool] = {}
    for each in plugins[0].classes:
        own = _own(each.node)
        if own is None:
            return None
        parameters |= own
    return tuple(name for name, is_field in parameters.items() if is_field)


def _tree(file: Path) -> ast.Module:
    return _parsed(file, file.stat().st_mtime_ns)


@functools.lru_cache(maxsize=256)
def _parsed(file: Path, changed: int) -> ast.Module:
    """A module as it is now: the contract's file is asked for by every plug-in."""
    del changed
    return ast.parse(file.read_bytes())


def _classes(file: Path) -> Iterator[_Class]:
    return (_Class(file, node) for node in _tree(file).body if isinstance(node, ast.ClassDef))


def _lineage(of: _Class) -> _Lineage:
    classes: dict[_Class, None] = {}
    whole = True
    for expression in reversed(of.node.bases):  # the order in which a dataclass takes fields over
        base = _base(of.file, expression)
        if base is None:
            whole &= _last_name(expression) in _NO_FIELDS
            continue
        inherited = _lineage(base)
        classes |= dict.fromkeys(inherited.classes)
        whole &= inherited.whole
    return _Lineage((*classes, of), whole and not of.node.keywords)


def _base(file: Path, expression: ast.expr) -> _Class | None:
    """The class that an expression in a module names; None where it is none of harness."""
    if isinstance(expression, ast.Subscript):  # Base[T]
        expression = expression.value
    if not isinstance(expression, ast.Name):
        return None
    for each in _classes(file):
        if each.node.name == expression.id:
            return each
    for node in _tree(file).body:
        if not isinstance(node, ast.ImportFrom):
            continue
        for alias in node.names:
            if (alias.asname or alias.name) == expression.id:
                return _imported(_module_of(file, node), alias.name)
    return None


def _module_of(file: Path, node: ast.ImportFrom) -> str:
    """The dotted name of the module that an import statement of a file takes from."""
    if not node.level:
        return node.module or ""
    if not file.is_relative_to(_PACKAGE):
        return ""
    package = ".".join((_PACKAGE.name, *file.relative_to(_PACKAGE).parent.parts))
    return resolve_name("." * node.level + (node.module or ""), package)


def _imported(module: str, name: str) -> _Class | None:
    """The class that a module of harness defines or imports; None where there is none."""
    package, *parts = module.split(".")
    if package != _PACKAGE.name:
        return None
    below = _PACKAGE.joinpath(*parts)
    file = next(filter(Path.is_file, (below / "__init__.py", below.with_suffix(".py"))), None)
    return None if file is None else _base(file, ast.Name(name))


def _own(node: ast.ClassDef) -> dict[str, bool] | None:
    """The names that a class itself annotates, and whether each is a field; None: it may vary."""
    decorators = [_last_name(each) for each in node.decorator_list]
    if not decorators:
        return {}  # no dataclass by itself
    if decorators != ["dataclass"]:
        return None
    found: dict[str, bool] = {}
    for statement in node.body:
        if isinstance(statement, ast.FunctionDef) and statement.name == "__init__":
            return None
        if not isinstance(statement, ast.AnnAssign) or not isinstance(statement.target, ast.Name):
            continue
        kind = _last_name(statement.annotation)
        if kind in {"InitVar", "KW_ONLY"} or _is_unset(statement.value):
            return None
        found[statement.target.id] = kind != "ClassVar"
    return found


def _is_unset(value: ast.expr | None) -> bool:
    """Whether a default says that the constructor may not take the field."""
    return isinstance(value, ast.Call) and any(each.arg == "init" for each in value.keywords)


def _last_name(expression: ast.expr) -> str:
    """`dataclass` of `@dataclasses.dataclass(frozen=True)`, `ClassVar` of `ClassVar[int]`."""
    if isinstance(expression, ast.Constant) and isinstance(expression.value, str):
        expression = ast.parse(expression.value, mode="eval").body
    while isinstance(expression, ast.Call | ast.Subscript):
        expression = expression.func if isinstance(expression, ast.Call) else expression.value
    if isinstance(expression, ast.Attribute):
        return expression.attr
    return expression.id if isinstance(expression, ast.Name) else ""
