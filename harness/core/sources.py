"""Digest of a plug-in's code, which tells whether a stored result was made by the code at hand.

The code of a module counts, not its comments, docstrings and blank lines. What a plug-in imports
from its own package counts with it, found in the source without running it. Only import statements
are found: a plug-in imports its helpers by statements, not by `importlib`.
"""

import ast
import io
import tokenize
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from importlib.util import resolve_name
from pathlib import Path
from typing import TypeAlias

from harness.core.files import content_key

Reader: TypeAlias = Callable[[str], tuple[str, bool] | None]
"""Gives the text of a module by its dotted name, and whether it is a package; None without one."""

_LAYOUT = {
    tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT,
    tokenize.ENCODING, tokenize.ENDMARKER,
}  # fmt: skip


def source_digest(folder: Path, package: str, name: str, within: Sequence[str] = ()) -> str:
    """Digest of the code of a module of a package and of all that it imports from that package.

    The package's `__init__`, which is imported before any of its modules, counts where all of the
    package does.

    Parameters
    ----------
    folder
        The package's folder.
    package
        Its dotted name.
    name
        The module, without the package.
    within
        Of the package, the packages and modules that count, by their dotted names; by default all.
    """
    modules, read = (package, f"{package}.{name}"), package_reader(folder, package)
    if not within:
        return digest_of_modules(modules, read, (package,))
    # The package itself hands names on that nothing within it asks for.
    return digest_of_modules(modules, lambda m: ("", True) if m == package else read(m), within)


def digest_of_modules(start: Iterable[str], read: Reader, within: Sequence[str]) -> str:
    """Digest of the code of modules and of all that they import, as far as it counts.

    Parameters and errors are those of `read_modules`.
    """
    return digest_of_code(read_modules(start, read, within))


def digest_of_code(modules: Mapping[str, tuple[str, bool]]) -> str:
    """Digest of the code of modules, by their dotted names."""
    return content_key([[module, code_of(modules[module][0])] for module in sorted(modules)])


def read_modules(
    start: Iterable[str], read: Reader, within: Sequence[str]
) -> dict[str, tuple[str, bool]]:
    """Modules and all that they import, as far as it counts, as `read` gives them.

    Parameters
    ----------
    start
        Dotted names of the modules.
    read
        Reads a module.
    within
        The packages and modules whose code counts, by their dotted names.

    Raises
    ------
    SyntaxError, ImportError
        A module is not Python, or imports from above its top-level package.
    """
    counted = tuple(f"{each}." for each in within)
    found: dict[str, tuple[str, bool]] = {}
    waiting = list(start)
    while waiting:
        module = waiting.pop()
        read_module = None if module in found else read(module)
        if read_module is None:
            continue
        text, is_package = found[module] = read_module
        inside = module if is_package else module.rpartition(".")[0]
        waiting += [m for m in imported_names(text, inside) if f"{m}.".startswith(counted)]
    return found


def package_reader(folder: Path, package: str) -> Reader:
    """A reader of the modules of a package, from its folder."""

    def read(module: str) -> tuple[str, bool] | None:
        if not f"{module}.".startswith(f"{package}."):
            return None
        path = _file_of(folder, package, module)
        if path is None:
            return None
        return decoded(path.read_bytes()), path.name == "__init__.py"

    return read


def decoded(source: bytes) -> str:
    """The text of a module, decoded as Python does; raises SyntaxError where it cannot be."""
    encoding, _ = tokenize.detect_encoding(io.BytesIO(source).readline)
    try:
        with io.TextIOWrapper(io.BytesIO(source), encoding) as stream:
            return stream.read()
    except UnicodeDecodeError as error:
        raise SyntaxError(str(error)) from None


def code_of(text: str) -> str:
    """The lines of a module that hold code, without comments, docstrings and blank lines."""
    lines = text.split("\n")
    statement: list[tokenize.TokenInfo] = []
    code: set[int] = set()
    unfinished: set[int] = set()
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.COMMENT:
            row, column = token.start
            lines[row - 1] = lines[row - 1][:column]
        elif token.type not in _LAYOUT:
            statement.append(token)
        if token.type in {tokenize.NEWLINE, tokenize.ENDMARKER}:
            if not all(map(_is_plain_string, statement)):
                for first, last in _extents(statement):
                    code.update(range(first, last + 1))
                    unfinished.update(range(first, last))
            statement = []
    kept = ((row, lines[row - 1]) for row in sorted(code))
    # What stands at the end of a line inside a string is part of the string.
    return "\n".join(line if row in unfinished else line.rstrip() for row, line in kept)


def _is_plain_string(token: tokenize.TokenInfo) -> bool:
    """A statement of nothing else is a docstring; a formatted string is evaluated."""
    return token.type == tokenize.STRING and token.string.lstrip("rRbBuU")[:1] in {"'", '"'}


def _extents(statement: Iterable[tokenize.TokenInfo]) -> Iterator[tuple[int, int]]:
    """First and last row of each token; of a formatted string, several since Python 3.12, once."""
    begun: list[int] = []
    for token in statement:
        kind = tokenize.tok_name[token.type]
        if kind.endswith("STRING_START"):
            begun.append(token.start[0])
        first = begun.pop() if kind.endswith("STRING_END") else token.start[0]
        yield first, token.end[0]


def imported_names(text: str, package: str) -> Iterator[str]:
    """Dotted names that the import statements of a module of `package` may import."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            parent = resolve_name("." * node.level + (node.module or ""), package)
            names = [parent, *(f"{parent}.{alias.name}" for alias in node.names)]
        else:
            continue
        for name in names:
            parts = name.split(".")
            # Each enclosing package is imported first.
            yield from (".".join(parts[:depth]) for depth in range(1, len(parts) + 1))


def _file_of(folder: Path, package: str, module: str) -> Path | None:
    """The file of a module of a package; None where the name is not a module's."""
    below = folder.joinpath(*module.removeprefix(package).strip(".").split("."))
    found = (below / "__init__.py", below.with_suffix(".py"))
    return next((path for path in found if path.is_file()), None)
