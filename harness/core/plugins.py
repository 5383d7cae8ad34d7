"""Registry of the plug-ins of a kind: the file is the plug-in and its name is the name.

They are of the package, of installed distributions and of the user's folders in use
(`harness.core.external_plugins`).
"""

import importlib
import inspect
import pkgutil
from collections.abc import Mapping
from types import ModuleType
from typing import Generic, TypeVar

from harness.core.errors import InputError
from harness.core.external_plugins import (
    PluginCode,
    PluginSource,
    docstring_summary,
    external_plugins,
    folder_of,
    layer_of,
)
from harness.core.faults import meant_or_known
from harness.core.plugin_files import KINDS, PluginFolder, used_plugins
from harness.core.sources import (
    decoded,
    digest_of_code,
    package_reader,
    read_modules,
    source_digest,
)

_T = TypeVar("_T")


class Registry(Generic[_T]):
    """Registry of the plug-ins of one kind; listing their names imports none of them.

    Parameters
    ----------
    package
        Dotted name of the package whose modules are the plug-ins that harness brings.
    base
        The contract: each module defines exactly one concrete subclass of it.
    helpers
        Modules of the package that plug-ins share and that are not plug-ins.
    """

    def __init__(self, package: str, base: type[_T], helpers: tuple[str, ...] = ()) -> None:
        self.package = package
        self.base = base
        self.helpers = helpers
        kinds = {of: kind for kind, of in KINDS.items()}
        self.kind = kinds.get(package, package.rpartition(".")[2])
        self._digests: dict[str, str] = {}
        self._plugins: dict[str, type[_T]] = {}
        self._external: dict[str, PluginSource] = {}
        self._seen: tuple[PluginFolder, ...] | None = None

    def names(self) -> tuple[str, ...]:
        """Names of all plug-ins, sorted; raises InputError as `external` does."""
        return tuple(sorted({*self._packaged(), *self.external()}))

    def external(self) -> Mapping[str, PluginSource]:
        """The plug-ins from outside the package, by their names.

        Raises
        ------
        InputError
            Two plug-ins have one name: the message names both files.
        """
        if self._seen is not used_plugins():
            found = dict.fromkeys(self._packaged(), f"harness itself ({self.package})")
            external: dict[str, PluginSource] = {}
            for name, source in external_plugins(self.kind):
                if name in found:
                    raise InputError(
                        f"{source.origin}: {found[name]} has a plug-in {name!r} of {self.kind} "
                        "already; give one of them another name"
                    )
                found[name], external[name] = source.origin, source
            self._external, self._seen = external, used_plugins()
        return self._external

    def summary(self, name: str) -> str:
        """First line of the plug-in's docstring, read without importing it where that can be.

        Raises
        ------
        InputError
            No plug-in has this name.
        """
        if source := self._source(name):
            return source.summary()
        return docstring_summary(decoded((folder_of(self.package) / f"{name}.py").read_bytes()))

    def get(self, name: str) -> type[_T]:
        """Import one plug-in, once: a study's plan asks for each a hundred times.

        Raises
        ------
        InputError
            No plug-in has this name (the message lists the known names), its module cannot be
            imported or does not define exactly one subclass of `base`.
        """
        source = self._source(name)
        identity = f"{name} {source.identity}" if source else name
        if identity not in self._plugins:
            module = source.load() if source else importlib.import_module(f"{self.package}.{name}")
            self._plugins[identity] = self._only_plugin(module, name)
        return self._plugins[identity]

    def name_of(self, plugin: _T) -> str:
        """The name of a plug-in: its module's."""
        return type(plugin).__module__.rpartition(".")[2]

    def source_digest(self, name: str) -> str:
        """Digest of a plug-in's code and of what it imports from its layer.

        A layer is a package of `harness`: what `harness.models.backbones` imports from
        `harness.models` counts (`harness.core.sources`), and so does what a plug-in of another
        package imports from its own. It is read once, so that it stays that of the code which this
        process imported.

        Raises
        ------
        InputError
            No plug-in has this name, or it is no Python.
        """
        source = self._source(name)
        identity = source.identity if source else name
        if identity not in self._digests:
            layer = layer_of(self.package)
            module = f"{self.package}.{name}".removeprefix(f"{layer}.")
            self._digests[identity] = (
                source.digest(layer) if source else source_digest(folder_of(layer), layer, module)
            )
        return self._digests[identity]

    def code(self, name: str) -> PluginCode:
        """The code that `source_digest` is the digest of.

        Raises
        ------
        InputError
            No plug-in has this name, or it is no Python.
        """
        layer = layer_of(self.package)
        if source := self._source(name):
            return source.code(layer)
        module = f"{self.package}.{name}"
        read = package_reader(folder_of(layer), layer)
        modules = read_modules((layer, module), read, (layer,))
        return PluginCode(module, modules, digest_of_code(modules))

    def _packaged(self) -> set[str]:
        found = {module.name for module in pkgutil.iter_modules([str(folder_of(self.package))])}
        return found - set(self.helpers)

    def _source(self, name: str) -> PluginSource | None:
        """Where a plug-in comes from; None for one of the package."""
        if source := self.external().get(name):
            return source
        folder = folder_of(self.package)
        is_there = (folder / f"{name}.py").is_file() or (folder / name / "__init__.py").is_file()
        if name in self.helpers or not is_there:
            raise InputError(_unknown(name, self.kind, self.names()))
        return None

    def _only_plugin(self, module: ModuleType, name: str) -> type[_T]:
        found = [
            member
            for _, member in inspect.getmembers(module, inspect.isclass)
            if issubclass(member, self.base) and member.__module__ == module.__name__
        ]
        if len(found) != 1:
            raise InputError(
                f"{module.__file__}: a plug-in defines exactly one {self.base.__name__}, "
                f"found {len(found)}"
            )
        if module.__name__.rpartition(".")[2] != name:
            raise InputError(f"{module.__file__}: named {name!r}; a plug-in's name is its file's")
        return found[0]


def _unknown(name: str, kind: str, known: tuple[str, ...]) -> str:
    return f"unknown name {name!r} in {kind}{meant_or_known(name, known)}"
