"""Check a user's file: a plug-in against the contract of its kind, or a study file."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from harness.contracts import (
    Check,
    Finding,
    backbones,
    datasets,
    every_kind,
    policies,
    regimes,
    run_checks,
    selections,
)
from harness.core.errors import HarnessError, InputError
from harness.core.plugin_files import KINDS, PluginFolder, use_plugins, used_plugins
from harness.core.plugins import Registry
from harness.core.project import Project
from harness.data.load import task_of_split
from harness.data.sets import DATASETS
from harness.frontier.selections import SELECTIONS
from harness.models.backbones import BACKBONES
from harness.policies import POLICIES
from harness.regimes import REGIMES
from harness.study.checks import check
from harness.study.study_file import read_study

_T = TypeVar("_T")

_REGISTRIES: dict[str, Registry[Any]] = {
    each.kind: each for each in (DATASETS, BACKBONES, REGIMES, POLICIES, SELECTIONS)
}


@dataclass(frozen=True)
class CheckedFile:
    """What a file is, and what was found.

    Attributes
    ----------
    kind
        `regimes`, say, or `study`.
    """

    path: Path
    kind: str
    name: str
    findings: tuple[Finding, ...]

    @property
    def faults(self) -> int:
        """Number of promises that it breaks."""
        return sum(bool(finding.fault) for finding in self.findings)


def check_file(path: Path, project: Project | None) -> CheckedFile:
    """Check a plug-in or a study file.

    Parameters
    ----------
    path
        `KIND/NAME.py`, in the project's `plugins` or elsewhere, or a study file.
    project
        Whose splits and raw files there are; None outside of a project.

    Raises
    ------
    InputError
        There is no such file, or it lies in no folder that is named as a kind of plug-ins.
    """
    if not path.is_file():
        raise InputError(f"{path}: no such file")
    if path.suffix in {".yaml", ".yml"}:
        return CheckedFile(path, "study", path.stem, tuple(_study_findings(path, project)))
    folder, kind, name = path.resolve().parents[1], path.resolve().parent.name, path.stem
    if kind not in KINDS or path.suffix != ".py":
        raise InputError(
            f"{path}: a plug-in is a file NAME.py in a folder named as its kind, found {kind}/; "
            f"allowed are {', '.join(KINDS)}"
        )
    if all(used.path != folder for used in used_plugins()):
        use_plugins((*used_plugins(), PluginFolder.read(folder)))
    findings = run_checks(_REGISTRIES[kind], name, checks_of(kind, project))
    return CheckedFile(path, kind, name, tuple(_until_it_loads(findings)))


def checks_of(kind: str, project: Project | None) -> tuple[Check, ...]:
    """The contract of a kind."""
    of_kind = {
        "backbones": backbones.CHECKS,
        "regimes": regimes.CHECKS,
        "policies": policies.CHECKS,
        "selections": selections.CHECKS,
    }
    raw = project.raw if project else Path("data") / "raw"
    own = datasets.DataSetChecks(raw).all() if kind == "datasets" else of_kind[kind]
    return (can_be_imported, *every_kind.CHECKS, *own)


def can_be_imported(registry: Registry[_T], name: str) -> None:
    """It can be imported, and has exactly one class of its kind."""
    registry.get(name)


def _until_it_loads(findings: Iterator[Finding]) -> Iterator[Finding]:
    """What cannot be imported cannot be checked further."""
    first = next(findings)
    yield first
    if not first.fault:
        yield from findings


def _study_findings(path: Path, project: Project | None) -> Iterator[Finding]:
    promise = "Its fields are known, and all of its plug-ins can be built with all listed values"
    try:
        study = read_study(path)
        task = task_of_split(project.splits, study.split) if project else "classification"
        check(study, str(path), task)
    except HarnessError as error:
        yield Finding(promise, str(error))
    else:
        yield Finding(promise)
