"""The source of an exit policy, as an export carries it (`harness.export.runtime_policy`)."""

import ast
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.metadata import packages_distributions, version
from pathlib import Path

from harness.core.errors import InputError
from harness.core.external_plugins import folder_of
from harness.core.plugins import Registry
from harness.core.sources import imported_names, package_reader
from harness.export.runtime_policy import STANDINS
from harness.policies import ExitPolicy

FOLDER = "policy"
_ALWAYS = ("harness.core.errors", "harness.core.types")
"""What policies import of harness that needs NumPy alone; the runtime takes `ExitLogits` of it."""
_CARRIED = "harness.policies"


@dataclass(frozen=True)
class PolicySource:
    """The source of a policy, with all that it imports of harness and of its own package.

    Attributes
    ----------
    module, class_name
        Where it is defined.
    digest
        Of its code, as harness knows it by.
    texts
        The text of each module, by its name.
    files
        The file in the export of each.
    packages
        Versions of the installed packages that it imports, but for NumPy, by their names.
    """

    module: str
    class_name: str
    digest: str
    texts: Mapping[str, str]
    files: Mapping[str, str]
    packages: Mapping[str, str]

    def write(self, folder: Path) -> None:
        """Write the files below `folder`."""
        for module, name in self.files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(self.texts[module], encoding="utf-8")


def policy_source(registry: Registry[ExitPolicy], name: str) -> PolicySource:
    """The source of the policy `name`.

    Raises
    ------
    InputError
        It imports what an export cannot carry of harness: the message says what and where, and
        what it may import.
    """
    code = registry.code(name)
    own = {module: found for module, found in code.modules.items() if module not in STANDINS}
    read = package_reader(folder_of("harness"), "harness")
    modules = {**own, **{module: read(module) or ("", False) for module in _ALWAYS}}
    texts = {module: text for module, (text, _) in modules.items()}
    packages: set[str] = set()
    for module, (text, is_package) in own.items():
        inside = module if is_package else module.rpartition(".")[0]
        for found in imported_names(text, inside):
            _check_carried(name, module, found, texts)
        packages |= set(_installed(text, {each.partition(".")[0] for each in texts}))
    return PolicySource(
        module=code.module,
        class_name=registry.get(name).__name__,
        digest=code.digest,
        texts=texts,
        files={module: _file(module, is_package) for module, (_, is_package) in modules.items()},
        packages=_versions(packages),
    )


def _file(module: str, is_package: bool) -> str:
    path = f"{FOLDER}/{module.replace('.', '/')}"
    return f"{path}/__init__.py" if is_package else f"{path}.py"


def _check_carried(name: str, module: str, imported: str, carried: Mapping[str, str]) -> None:
    """Raise InputError unless an imported name of harness is carried, or of a module that is."""
    known = {*carried, *STANDINS}
    parts = imported.split(".")
    prefixes = {".".join(parts[:depth]) for depth in range(1, len(parts) + 1)}
    is_above = any(each.startswith(f"{imported}.") for each in known)
    if parts[0] != "harness" or is_above or _offered(imported) or prefixes & set(carried):
        return
    allowed = ", ".join(f"{each} ({', '.join(of)})" for each, of in _offers().items())
    raise InputError(
        f"policy {name}: {module} imports {imported}, which an export cannot carry; of harness a "
        f"policy may import {', '.join(_ALWAYS)}, other policies, and {allowed}: write what it "
        "needs of the rest into the policy, in NumPy"
    )


def _offers() -> dict[str, tuple[str, ...]]:
    return {each: tuple(of) for each, of in STANDINS.items() if each.startswith("harness.")}


def _offered(imported: str) -> bool:
    """Whether the runtime has a stand-in for a module, or for this name of one."""
    above, _, own = imported.rpartition(".")
    return imported in STANDINS or own in STANDINS.get(above, {})


def _installed(text: str, carried: set[str]) -> Iterator[str]:
    """Top-level names of the packages that a module imports and that must be installed."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            standin = STANDINS.get(node.module, {})
            names = [] if standin.keys() >= {a.name for a in node.names} else [node.module]
        else:
            continue
        for top in (each.partition(".")[0] for each in names):
            if top not in {*carried, "harness", "numpy"} and top not in sys.stdlib_module_names:
                yield top


def _versions(packages: set[str]) -> dict[str, str]:
    """The distributions of packages, by their names, and their versions."""
    if not packages:
        return {}
    known = packages_distributions()
    names = sorted({each for package in packages for each in known.get(package, ())[:1]})
    return {name: version(name) for name in names}
