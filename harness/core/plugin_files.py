"""Plug-ins of a user's own, in a folder outside the package: `FOLDER/<kind>/<name>.py`.

A folder is read once, as a snapshot: what was read is what its digest is of, what is imported and
what a worker on another machine gets. It is imported under a package name of its own, made of its
content, so that neither `sys.path` nor a module of the same name elsewhere matters, and a file that
changed is a new module.
"""

import importlib
import importlib.abc
import importlib.util
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType

from harness.core.errors import InputError
from harness.core.files import Json, content_key
from harness.core.sources import decoded

KINDS = {
    "datasets": "harness.data.sets",
    "backbones": "harness.models.backbones",
    "regimes": "harness.regimes",
    "policies": "harness.policies",
    "selections": "harness.frontier.selections",
}
"""The kinds of plug-ins, as folders and commands name them, and the package of each."""
ALIAS = "plugins"
"""The folder's package in digests, wherever it lies."""
_PACKAGE = "harness_plugins_"
_LARGEST = 2**20
"""Most bytes of a file: what is longer was not written by hand."""


@dataclass(frozen=True)
class PluginFolder:
    """The Python files of a folder of plug-ins, as they were read; picklable.

    Files directly in the folder, and those whose name begins with an underscore, are no plug-ins:
    others import them (`from .._shared import f`, `from ._shared import f`).

    Attributes
    ----------
    path
        The folder, absolute.
    files
        Path of each file below it (`regimes/mine.py`) and its content, sorted.
    """

    path: Path
    files: tuple[tuple[str, bytes], ...]

    @classmethod
    def read(cls, path: Path) -> "PluginFolder":
        """Read a folder; one that is not there holds no plug-ins.

        Raises
        ------
        InputError
            A file cannot be read, or is too large.
        """
        found = {*path.glob("*.py"), *(f for kind in KINDS for f in path.glob(f"{kind}/**/*.py"))}
        contents = ((file.relative_to(path).as_posix(), _content(file)) for file in found)
        return cls(path.resolve(), tuple(sorted(contents)))

    @cached_property
    def package(self) -> str:
        """Name of the package that it is imported as."""
        files: list[Json] = [[name, content.hex()] for name, content in self.files]
        return f"{_PACKAGE}{content_key([str(self.path), files])}"

    @cached_property
    def contents(self) -> dict[str, bytes]:
        """The content of each file."""
        return dict(self.files)

    def names(self, kind: str) -> tuple[str, ...]:
        """Names of the plug-ins of a kind."""
        parts = (Path(name).with_suffix("").parts for name, _ in self.files)
        found = {
            part[1]
            for part in parts
            if part[0] == kind and (len(part) == 2 or part[2:] == ("__init__",))  # noqa: PLR2004
        }
        return tuple(sorted(name for name in found if not name.startswith("_")))

    def file_of(self, module: str) -> str | None:
        """The file of a module, by its dotted name below the package; None where there is none.

        The folder and those of kinds are packages, with an `__init__.py` or without.
        """
        path = module.replace(".", "/")
        candidates = (f"{path}.py", f"{path}/__init__.py".lstrip("/"))
        found = next((name for name in candidates if name in self.contents), None)
        return candidates[1] if found is None and module in ("", *KINDS) else found

    def read_module(self, module: str) -> tuple[str, bool] | None:
        """Text of a module by its name in digests, and whether it is a package (`Reader`)."""
        top, _, below = module.partition(".")
        name = self.file_of(below) if top == ALIAS else None
        if name is None:
            return None
        return decoded(self.contents.get(name, b"")), name.endswith("__init__.py")

    def load(self, module: str) -> ModuleType:
        """Import a module, by its dotted name below the package.

        Raises
        ------
        InputError
            It cannot be imported: the message names the file, the line and the error.
        """
        _FINDER.folders[self.package] = self
        try:
            return importlib.import_module(f"{self.package}.{module}")
        except (Exception, SystemExit) as error:
            raise InputError(self._fault(error)) from error

    def _fault(self, error: BaseException) -> str:
        """What went wrong in which of the files, and where."""
        if isinstance(error, SyntaxError) and error.filename:
            return f"{error.filename}, line {error.lineno}: {error.msg}"
        place, trace = str(self.path), error.__traceback__
        while trace is not None:
            file = trace.tb_frame.f_code.co_filename
            if Path(file).is_relative_to(self.path):
                place = f"{file}, line {trace.tb_lineno}"
            trace = trace.tb_next
        return f"{place}: {type(error).__name__}: {error}"


def _content(file: Path) -> bytes:
    try:
        size = file.stat().st_size
        if size > _LARGEST:
            raise InputError(f"{file}: {size:,} bytes; a plug-in has at most {_LARGEST:,}")
        return file.read_bytes()
    except OSError as error:
        raise InputError(f"{file}: cannot be read ({error.strerror})") from None


class _Loader(importlib.abc.SourceLoader):
    """Loads modules of a folder from what was read of it."""

    def __init__(self, folder: PluginFolder) -> None:
        self._folder = folder

    def get_filename(self, fullname: str) -> str:
        name = self._folder.file_of(fullname.partition(".")[2])
        if name is None:
            raise ImportError(f"no module {fullname}", name=fullname)
        return str(self._folder.path / name)

    def get_data(self, path: str | bytes) -> bytes:
        name = Path(str(path)).relative_to(self._folder.path).as_posix()
        return self._folder.contents.get(name, b"")


class _Finder(importlib.abc.MetaPathFinder):
    """Finds the modules of the folders that were asked for."""

    def __init__(self) -> None:
        self.folders: dict[str, PluginFolder] = {}

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        del path, target
        top, _, module = fullname.partition(".")
        folder = self.folders.get(top)
        name = folder.file_of(module) if folder else None
        if folder is None or name is None:
            return None
        # No search path: what was not read is not there.
        search: list[str] | None = [] if name.endswith("__init__.py") else None
        return importlib.util.spec_from_file_location(
            fullname,
            folder.path / name,
            loader=_Loader(folder),
            submodule_search_locations=search,
        )


_FINDER = _Finder()
sys.meta_path.insert(0, _FINDER)

_active: tuple[PluginFolder, ...] = ()


def use_plugins(folders: Sequence[PluginFolder]) -> None:
    """Let all registries of this process know the plug-ins of these folders, and of no others."""
    global _active  # noqa: PLW0603 -- as the registries, one for the process
    if tuple(folders) != _active:
        _active = tuple(folders)


def use_plugins_in(paths: Sequence[Path]) -> None:
    """Read folders of plug-ins, each once, and let all registries know theirs and no others.

    Raises
    ------
    InputError
        A file cannot be read, or is too large.
    """
    distinct = dict.fromkeys(path.resolve() for path in paths)
    use_plugins([PluginFolder.read(path) for path in distinct])


def used_plugins() -> tuple[PluginFolder, ...]:
    """The folders whose plug-ins the registries know."""
    return _active
