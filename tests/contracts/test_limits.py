"""The limits on size, types and docstrings that keep every file of the package readable."""

import ast
import statistics
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FILES = sorted((ROOT / "harness").rglob("*.py"))

FILE_LINES, FILE_LINES_MEDIAN = 300, 110
FUNCTION_LINES, FUNCTION_LINES_P90 = 50, 30
VAGUE_NAMES = {"utils", "helpers", "common"}

ALLOWED_ANY: set[str] = set()

Function = ast.FunctionDef | ast.AsyncFunctionDef
Documented = ast.Module | ast.ClassDef | Function

BREACHES = '''
import typing
from typing import Any

class Public:
    field: list

    def method(self, value: dict | None):
        return value

    def quoted(self, value: "Any") -> None:
        """Documented."""

def function(*values: typing.Any, **named: tuple[list, int]) -> None:
    pass

def sound(values: dict[str, list[int]]) -> None:
    """Documented."""

def _private(value: Any) -> None:
    pass
'''


def label(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@pytest.fixture(scope="module")
def trees() -> dict[str, ast.Module]:
    return {label(path): ast.parse(path.read_text(encoding="utf-8")) for path in FILES}


def functions(tree: ast.Module) -> Iterator[Function]:
    return (node for node in ast.walk(tree) if isinstance(node, Function))


def length(function: Function) -> int:
    """Lines from `def` to the end; a docstring is free, so that none is cut to pass."""
    lines = function.end_lineno - function.lineno + 1
    if ast.get_docstring(function, clean=False) is None:
        return lines
    docstring = function.body[0]
    return lines - (docstring.end_lineno - docstring.lineno + 1)


def public(node: ast.Module | ast.ClassDef, where: str = "") -> Iterator[tuple[str, Documented]]:
    """The dotted name and the node of everything that other modules may use."""
    yield where, node
    for child in node.body:
        if not isinstance(child, ast.ClassDef | Function) or child.name.startswith("_"):
            continue
        name = f"{where}.{child.name}".lstrip(".")
        if isinstance(child, ast.ClassDef):
            yield from public(child, name)
        else:
            yield name, child


def annotations(node: Documented) -> Iterator[ast.expr]:
    """The annotations of a signature; a class's is that of its constructor and its fields."""
    if isinstance(node, Function):
        given = node.args
        arguments = [*given.posonlyargs, *given.args, *given.kwonlyargs, given.vararg, given.kwarg]
        found = [argument.annotation for argument in arguments if argument] + [node.returns]
        yield from (annotation for annotation in found if annotation)
        return
    for child in node.body:
        if isinstance(child, ast.AnnAssign) and not ast.unparse(child.target).startswith("_"):
            yield child.annotation
        elif isinstance(child, Function) and child.name in {"__init__", "__call__"}:
            yield from annotations(child)


def unquoted(annotation: ast.expr) -> ast.expr:
    if isinstance(annotation, ast.Constant) and isinstance(annotation.value, str):
        return ast.parse(annotation.value, mode="eval").body
    return annotation


def names_any(annotation: ast.expr) -> bool:
    return any(
        (isinstance(node, ast.Name) and node.id == "Any")
        or (isinstance(node, ast.Attribute) and node.attr == "Any")
        for node in ast.walk(unquoted(annotation))
    )


def names_bare(annotation: ast.expr) -> bool:
    nodes = list(ast.walk(unquoted(annotation)))
    typed = {id(node.value) for node in nodes if isinstance(node, ast.Subscript)}
    return any(
        isinstance(node, ast.Name) and node.id in {"dict", "list"} and id(node) not in typed
        for node in nodes
    )


def untyped_returns(tree: ast.Module) -> list[str]:
    return [function.name for function in functions(tree) if function.returns is None]


def undocumented(tree: ast.Module) -> list[str]:
    return [name for name, node in public(tree) if ast.get_docstring(node) is None]


def signatures_with_any(tree: ast.Module) -> list[str]:
    return [name for name, node in public(tree) if any(map(names_any, annotations(node)))]


def signatures_with_bare(tree: ast.Module) -> list[str]:
    return [name for name, node in public(tree) if any(map(names_bare, annotations(node)))]


def test_files_are_short() -> None:
    lines = {label(path): len(path.read_text(encoding="utf-8").splitlines()) for path in FILES}
    assert {name: count for name, count in lines.items() if count > FILE_LINES} == {}
    assert statistics.median(lines.values()) <= FILE_LINES_MEDIAN


def test_functions_are_short(trees: dict[str, ast.Module]) -> None:
    lengths = {
        f"{name}:{function.lineno} {function.name}": length(function)
        for name, tree in trees.items()
        for function in functions(tree)
    }
    assert {name: count for name, count in lengths.items() if count > FUNCTION_LINES} == {}
    assert statistics.quantiles(lengths.values(), n=10)[-1] <= FUNCTION_LINES_P90


@pytest.mark.parametrize("breaches", [untyped_returns, undocumented, signatures_with_bare])
def test_every_file_holds(breaches, trees: dict[str, ast.Module]) -> None:
    found = [f"{name}: {breach}" for name, tree in trees.items() for breach in breaches(tree)]
    assert found == []


def test_any_stays_where_a_third_party_needs_it(trees: dict[str, ast.Module]) -> None:
    found = {
        f"{name}: {breach}" for name, tree in trees.items() for breach in signatures_with_any(tree)
    }
    assert found == ALLOWED_ANY  # equal, so that an allowance goes when its reason does


def test_no_module_has_a_vague_name() -> None:
    parts = {label(path): {*path.relative_to(ROOT).with_suffix("").parts} for path in FILES}
    assert [name for name, names in parts.items() if names & VAGUE_NAMES] == []


def test_every_check_sees_a_breach() -> None:
    tree = ast.parse(BREACHES)
    assert untyped_returns(tree) == ["method"]
    assert undocumented(tree) == ["", "Public", "Public.method", "function"]
    assert signatures_with_any(tree) == ["Public.quoted", "function"]
    assert signatures_with_bare(tree) == ["Public", "Public.method", "function"]


def test_a_docstring_and_decorators_are_not_counted_as_length() -> None:
    source = '@first\n@second\ndef function():\n    """One.\n\n    Two.\n    """\n    return 1\n'
    (function,) = functions(ast.parse(source))
    assert length(function) == 2
