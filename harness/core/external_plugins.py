"""Plug-ins from outside the package: the user's folders in use, and installed distributions.

Of distributions, entry points `harness.<kind>` name them: `mine = "my_package.mine"`.
"""

import ast
import importlib
import importlib.util
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from types import ModuleType

from harness.core.errors import InputError
from harness.core.plugin_files import ALIAS, KINDS, PluginFolder, used_plugins
from harness.core.sources import Reader, digest_of_code, package_reader, read_modules


@dataclass(frozen=True)
class PluginCode:
    """The code that a plug-in's results are known by.

    Attributes
    ----------
    module
        Dotted name of the plug-in's module.
    modules
        Text of each module whose code counts, that one's too, by its dotted name, and whether it
        is a package.
    digest
        Digest of the code of all of them.
    """

    module: str
    modules: Mapping[str, tuple[str, bool]]
    digest: str


@dataclass(frozen=True)
class PluginSource:
    """Where a plug-in from outside the package comes from.

    Attributes
    ----------
    module
        Dotted name: of an installed module, or below the folder.
    folder
        The user's folder; None for an installed module.
    origin
        The file, or the distribution that has it, in words.
    """

    module: str
    folder: PluginFolder | None
    origin: str

    @property
    def identity(self) -> str:
        """Tells it from all others, an edited file from what it was before."""
        return f"{self.folder.package}.{self.module}" if self.folder else self.module

    @property
    def file(self) -> Path | None:
        """The file of a plug-in in a folder."""
        name = self.folder.file_of(self.module) if self.folder else None
        return self.folder.path / name if self.folder and name else None

    def load(self) -> ModuleType:
        """Import it; raises InputError where that fails."""
        if self.folder:
            return self.folder.load(self.module)
        try:
            return importlib.import_module(self.module)
        except Exception as error:
            raise InputError(f"{self.origin}: {type(error).__name__}: {error}") from error

    def digest(self, layer: str) -> str:
        """Digest of its code, and of what it imports from its own package and a layer of harness.

        Raises
        ------
        InputError
            It is no Python.
        """
        return self.code(layer).digest

    def code(self, layer: str) -> "PluginCode":
        """Its code, and what it imports from its own package and a layer of harness.

        Raises
        ------
        InputError
            It is no Python.
        """
        harness = package_reader(folder_of(layer), layer)
        own: Reader
        if self.folder:
            top, own, module = ALIAS, self.folder.read_module, f"{ALIAS}.{self.module}"
        else:
            top, module = self.module.partition(".")[0], self.module
            own = package_reader(folder_of(top), top)
        try:
            modules = read_modules(
                (layer, module), lambda each: own(each) or harness(each), (top, layer)
            )
            return PluginCode(module, modules, digest_of_code(modules))
        except (SyntaxError, ImportError) as error:
            raise InputError(f"{self.origin}: {error}") from None

    def summary(self) -> str:
        """First line of its docstring, read without importing it; empty for an installed one."""
        if self.folder is None:
            return ""
        found = self.folder.read_module(f"{ALIAS}.{self.module}")
        return docstring_summary(found[0]) if found else ""


def external_digest(kind: str, name: str) -> str:
    """Digest of the code of a plug-in from outside the package; empty for any other.

    For layers that may not import the registry of the kind.

    Raises
    ------
    InputError
        It is no Python.
    """
    found = dict(external_plugins(kind)).get(name)
    return found.digest(layer_of(KINDS[kind])) if found else ""


def external_plugins(kind: str) -> tuple[tuple[str, PluginSource], ...]:
    """Name and place of all plug-ins of a kind from outside the package, installed ones first."""
    if kind not in KINDS:
        return ()
    mine = (
        (name, PluginSource(f"{kind}.{name}", folder, str(folder.path / kind / f"{name}.py")))
        for folder in used_plugins()
        for name in folder.names(kind)
    )
    return (*_installed(kind), *mine)


@cache
def _installed(kind: str) -> tuple[tuple[str, PluginSource], ...]:
    """The plug-ins of a kind that installed distributions name by entry points."""
    return tuple(
        (each.name, PluginSource(each.module, None, _origin(each)))
        for each in entry_points(group=f"harness.{kind}")
    )


def _origin(entry: EntryPoint) -> str:
    found = entry.dist
    return f"{entry.module} of {found.name} {found.version}" if found else entry.module


def layer_of(package: str) -> str:
    """The layer of harness that a package is in."""
    return ".".join(package.split(".")[:2])


def docstring_summary(text: str) -> str:
    """First line of a module's docstring; empty where the text is no Python."""
    try:
        return (ast.get_docstring(ast.parse(text)) or "").partition("\n")[0]
    except SyntaxError:
        return ""


def folder_of(package: str) -> Path:
    """Folder of an importable package; raises InputError where there is none."""
    spec = importlib.util.find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise InputError(f"no package {package}")
    return Path(spec.submodule_search_locations[0])
