"""Runs the exit policy of an export from its own source, where harness is not installed.

The source lies in `policy/`, as it was in harness or in a user's plug-in; it is executed here with
its imports of harness answered by the files beside it and by the few names defined below.
"""

import builtins
import sys
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import distributions
from importlib.util import resolve_name
from itertools import count
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import ClassVar, NoReturn, Protocol, TypedDict

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Logits = npt.NDArray[np.float32]

FITTED, FIT_ON = "fitted.npz", "fit_on.npz"
_TYPES = "harness.core.types"
_NUMBERS = count()


class Outputs(Protocol):
    """What a policy reads: `ExitLogits` of `harness.core.types`, which the export carries."""

    values: Logits
    labels: Ints
    gates: Logits | None


class NotCarriedError(Exception):
    """The policy reads the outputs that it is fitted on, and the export does not hold them."""


@dataclass(frozen=True)
class ExitPolicy(ABC):
    """What the export's policy extends in place of `harness.policies.ExitPolicy`."""

    tasks: ClassVar[tuple[str, ...]] = ("classification",)
    needs_gates: ClassVar[bool] = False
    uncalibrated_because: ClassVar[str] = ""

    calibrated: bool = False

    def __post_init__(self) -> None:  # noqa: B027 -- policies may call it
        """Nothing: harness has checked the parameters."""

    @abstractmethod
    def confidence(self, outputs: Outputs, fit_on: Outputs) -> Floats:
        """Confidences float64 [E, N] in [0, 1]."""

    def fitted(self, fit_on: Outputs) -> Mapping[str, Floats]:
        """The tables that a policy computes confidences by."""
        del fit_on
        return {}

    def predict(self, outputs: Outputs) -> Ints:
        """Most probable class of each exit: int64 [E, N]."""
        predicted: Ints = outputs.values.argmax(-1)
        return predicted


def softmax(x: Floats, axis: int | None = None) -> Floats:
    """Probabilities, as `scipy.special.softmax` computes them."""
    shifted = np.exp(x - np.max(x, axis=axis, keepdims=True))
    probability: Floats = shifted / np.sum(shifted, axis=axis, keepdims=True)
    return probability


def log_softmax(x: Floats, axis: int | None = None) -> Floats:
    """Their logarithms, as `scipy.special.log_softmax` computes them."""
    shifted = x - np.max(x, axis=axis, keepdims=True)
    logs: Floats = shifted - np.log(np.sum(np.exp(shifted), axis=axis, keepdims=True))
    return logs


def entr(x: Floats) -> Floats:
    """-x log x, 0 at 0, of probabilities: `scipy.special.entr`."""
    terms: Floats = -x * np.log(np.where(x > 0, x, 1))
    return terms


def _declared(*values: object) -> str:
    """In place of `bounded` and `described`: what a parameter is called no longer matters."""
    return str(values[-1])


STANDINS: Mapping[str, Mapping[str, object]] = {
    "harness.policies": {"ExitPolicy": ExitPolicy},
    "harness.core.parameters": {"bounded": _declared, "described": _declared},
    "scipy.special": {"softmax": softmax, "log_softmax": log_softmax, "entr": entr},
}
"""Modules that a policy may import names of without their being installed, and these names."""


class PolicyManifest(TypedDict):
    """The part of `manifest.json` that says how to build the policy."""

    module: str
    class_name: str
    files: dict[str, str]
    packages: dict[str, str]
    parameters: dict[str, bool | int | float | str]
    temperatures: list[float] | None


class CarriedPolicy:
    """The exit policy of an export.

    Parameters
    ----------
    folder
        Of the export.
    exits
        Number of exits of the network, E.

    Raises
    ------
    ImportError
        The policy imports a package that is not installed here: the message says how to.
    """

    def __init__(self, folder: Path, manifest: PolicyManifest, exits: int) -> None:
        _check_installed(manifest["packages"])
        modules = _Modules(folder, manifest["files"])
        self._outputs = vars(modules.load(_TYPES))["ExitLogits"]
        scale = manifest["temperatures"] or [1.0] * exits
        self._temperatures = np.array(scale, dtype=np.float64)[:, None, None]
        self._fit_on: Outputs = _Absent()
        if (folder / FIT_ON).is_file():
            self._fit_on = self._outputs(**_arrays(folder / FIT_ON))
        kind = vars(modules.load(manifest["module"]))[manifest["class_name"]]
        if (folder / FITTED).is_file():
            kind = _with_tables(kind, _arrays(folder / FITTED), self._fit_on)
        self._policy: ExitPolicy = kind(**manifest["parameters"])

    def at_newest(self, logits: Logits, gates: Logits | None) -> tuple[Ints, Floats]:
        """Prediction int64 [N] and confidence float64 [N] of the newest of the exits so far.

        Parameters
        ----------
        logits
            [e, N, K].
        gates
            [e, N], or None.
        """
        passed, samples = logits.shape[:2]
        scaled = (logits / self._temperatures[:passed]).astype(np.float32)
        # No policy looks at exits that a sample has not passed: zeros stand in for them.
        exits = len(self._temperatures)
        beside = None if gates is None else _padded(gates, exits)
        labels = np.zeros(samples, dtype=np.int64)
        outputs = self._outputs(_padded(scaled, exits), labels, beside)
        predicted = self._policy.predict(outputs)[passed - 1]
        confidence = self._policy.confidence(outputs, self._fit_on)[passed - 1]
        return predicted, confidence


def _check_installed(packages: Mapping[str, str]) -> None:
    """Raise ImportError where a package of the policy is not installed, of whatever version."""
    installed = {str(each.name).lower() for each in distributions() if each.name}
    missing = [f"{name}=={v}" for name, v in packages.items() if name.lower() not in installed]
    if missing:
        what = " ".join(missing)
        raise ImportError(f"the exit policy needs {what}, not installed: pip install {what}")


class _Modules:
    """The policy's modules, each executed once, under names of this export's own."""

    def __init__(self, folder: Path, files: Mapping[str, str]) -> None:
        self._folder, self._files = folder, files
        self._names = {
            ".".join(name.split(".")[:depth])
            for name in (*files, "harness.policies", "harness.core.parameters")
            for depth in range(1, name.count(".") + 2)
        }
        self._package = f"early_exit_policy_{next(_NUMBERS)}"
        self._loaded: dict[str, ModuleType] = {}

    def load(self, name: str) -> ModuleType:
        """A module by the name that it has where it comes from."""
        if name in self._loaded:
            return self._loaded[name]
        above, _, own = name.rpartition(".")
        parent = self.load(above) if above else None
        module = self._loaded[name] = ModuleType(f"{self._package}.{name}")
        # Dataclasses look their module up.
        sys.modules[module.__name__] = module
        vars(module).update(STANDINS.get(name, {}))
        if name in self._files:
            self._run(name, module)
        if parent is not None:
            setattr(parent, own, module)
        return module

    def _run(self, name: str, module: ModuleType) -> None:
        file = self._folder / self._files[name]
        inside = name if file.name == "__init__.py" else name.rpartition(".")[0]
        namespace = vars(module)
        namespace["__file__"] = str(file)
        hooked = {**vars(builtins), "__import__": self._import_of(inside)}
        namespace["__builtins__"] = hooked
        text = file.read_text(encoding="utf-8")
        exec(compile(text, str(file), "exec"), namespace)  # noqa: S102 -- a plug-in's code, as trusted as in harness

    def _import_of(self, package: str) -> object:
        """What import statements call in the modules of a package."""

        def load(
            name: str,
            scope: Mapping[str, object] | None = None,
            local: Mapping[str, object] | None = None,
            wanted: Sequence[str] | None = (),
            level: int = 0,
        ) -> object:
            if level:
                name = resolve_name("." * level + name, package)
            if name in self._names:
                found = self.load(name)
                for each in wanted or ():
                    if f"{name}.{each}" in self._names:
                        self.load(f"{name}.{each}")
                return found if wanted else self.load(name.partition(".")[0])
            standin = STANDINS.get(name, {})
            if wanted and standin.keys() >= set(wanted):
                return SimpleNamespace(**standin)
            return builtins.__import__(name, scope, local, wanted or (), 0)

        return load


class _Absent:
    """In place of outputs that the export does not hold."""

    def _refuse(self) -> NoReturn:
        raise NotCarriedError("the export does not hold the outputs that its policy reads")

    values = labels = gates = property(_refuse)

    def __getattr__(self, name: str) -> NoReturn:
        raise NotCarriedError(
            f"the export does not hold the outputs that its policy reads ({name})"
        )


def _with_tables(
    kind: type[ExitPolicy], tables: Mapping[str, npt.NDArray[np.generic]], fit_on: Outputs
) -> type[ExitPolicy]:
    """The policy with tables that were made of `fit_on` when it was exported."""

    def fitted(self: ExitPolicy, other: Outputs) -> object:
        return tables if other is fit_on else kind.fitted(self, other)

    return type(kind.__name__, (kind,), {"fitted": fitted, "__module__": kind.__module__})


def _arrays(file: Path) -> dict[str, npt.NDArray[np.generic]]:
    with np.load(file, allow_pickle=False) as arrays:
        return dict(arrays)


def _padded(values: Logits, exits: int) -> Logits:
    """Values [e, ...] as [E, ...], with zeros for deeper exits."""
    found = np.zeros((exits, *values.shape[1:]), dtype=np.float32)
    found[: len(values)] = values
    return found
