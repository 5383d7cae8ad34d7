"""Plug-ins found by file name: the file is the plug-in and its name is the name."""

import importlib
import importlib.util
import inspect
import pkgutil
from pathlib import Path
from types import ModuleType
from typing import Generic, TypeVar

from harness.core.errors import InputError
from harness.core.sources import source_digest

_T = TypeVar("_T")


class Registry(Generic[_T]):
    """Registry of the plug-ins of one package; listing their names imports none of them.

    Parameters
    ----------
    package
        Dotted name of the package whose modules are the plug-ins.
    base
        The contract: each module defines exactly one concrete subclass of it.
    helpers
        Modules of the package that plug-ins share and that are not plug-ins.
    """

    def __init__(self, package: str, base: type[_T], helpers: tuple[str, ...] = ()) -> None:
        self.package = package
        self.base = base
        self.helpers = helpers
        self._digests: dict[str, str] = {}
        self._plugins: dict[str, type[_T]] = {}

    def names(self) -> tuple[str, ...]:
        """Names of all plug-ins, sorted."""
        found = {module.name for module in pkgutil.iter_modules([str(_folder_of(self.package))])}
        return tuple(sorted(found - set(self.helpers)))

    def summary(self, name: str) -> str:
        """First line of the plug-in module's docstring; raises InputError as `get` does."""
        return (self._module(name).__doc__ or "").partition("\n")[0]

    def get(self, name: str) -> type[_T]:
        """Import one plug-in, once: a study's plan asks for each a hundred times.

        Raises
        ------
        InputError
            No plug-in has this name (the message lists the known names), or its module does not
            define exactly one subclass of `base`.
        """
        file = _folder_of(self.package) / f"{name}.py"
        if name not in self._plugins or not file.is_file():  # the file is the plug-in
            self._plugins[name] = self._only_plugin(self._module(name))
        return self._plugins[name]

    def name_of(self, plugin: _T) -> str:
        """The name of a plug-in: its module's."""
        return type(plugin).__module__.rpartition(".")[2]

    def source_digest(self, name: str) -> str:
        """Digest of a plug-in's code and of what it imports from its layer.

        A layer is a package of `harness`: what `harness.models.backbones` imports from
        `harness.models` counts (`harness.core.sources`). It is read once, so that it stays that of
        the code which this process imported.

        Raises
        ------
        InputError
            No plug-in has this name.
        """
        if name not in self._digests:
            self._check(name)
            layer = ".".join(self.package.split(".")[:2])
            module = f"{self.package}.{name}".removeprefix(f"{layer}.")
            self._digests[name] = source_digest(_folder_of(layer), layer, module)
        return self._digests[name]

    def _only_plugin(self, module: ModuleType) -> type[_T]:
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
        return found[0]

    def _check(self, name: str) -> None:
        if name not in self.names():
            kind = self.package.rpartition(".")[2]
            raise InputError(f"unknown name {name!r} in {kind}; known: {', '.join(self.names())}")

    def _module(self, name: str) -> ModuleType:
        self._check(name)
        return importlib.import_module(f"{self.package}.{name}")


def _folder_of(package: str) -> Path:
    spec = importlib.util.find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise InputError(f"no package {package}")
    return Path(spec.submodule_search_locations[0])
