"""What is wrong with the names in a study file, known before anything slow is imported.

Names of plug-ins are names of files, and names of their parameters stand in these: neither needs
torch. What is not certain here is left to `harness.study.checks`, which builds every plug-in.
"""

import dataclasses
from collections.abc import Iterable, Iterator

from harness.core.declared import declared_parameters
from harness.core.errors import InputError
from harness.core.faults import meant_or_known, unknown_name
from harness.core.known_plugins import PluginFiles, is_external, plugin_files
from harness.core.project import Project
from harness.core.study_spec import StudySpec
from harness.data.named_splits import read_splits
from harness.training.options import TrainingOptions


def check_names(study: StudySpec, where: str, project: Project) -> None:
    """Refuse the name of a split, plug-in or parameter that there is not.

    Raises
    ------
    InputError
        A line for each such name, with the one that was probably meant and those there are.
    """
    faults = [f"{where}: {fault}" for fault in _faults(study)]
    faults += _faults_of_split(study.split, project)
    if faults:
        raise InputError("\n".join(faults))


def _faults(study: StudySpec) -> Iterator[str]:
    backbone, policy = study.backbone, study.policy
    yield from plugin_faults(
        "backbones",
        plugin_files("backbones"),
        backbone.name,
        backbone.parameters,
        f"backbone {backbone.name}",
    )
    options = tuple(field.name for field in dataclasses.fields(TrainingOptions))
    yield from _unknown(study.training, options, "training")
    regimes = plugin_files("regimes")
    for regime, parameters in study.regimes.items():
        yield from plugin_faults("regimes", regimes, regime, parameters, f"regimes.{regime}")
    yield from plugin_faults(
        "policies",
        plugin_files("policies"),
        policy.name,
        policy.parameters,
        f"policy {policy.name}",
    )


def plugin_faults(
    kind: str, found: PluginFiles, name: str, parameters: Iterable[str], where: str
) -> Iterator[str]:
    """What is wrong with the name of a plug-in and those of its parameters, a line each.

    Parameters
    ----------
    found
        All plug-ins of the kind that are files.
    where
        Names the plug-in in a message of its parameters.
    """
    if name in found.files:
        allowed = declared_parameters(found.files[name], found.contract)
        if allowed is not None:
            yield from _unknown(parameters, allowed, where)
    elif not is_external(kind, name):
        known = sorted(found.files)
        yield f"unknown name {name!r} in {kind}{meant_or_known(name, known)}"


def _unknown(parameters: Iterable[str], allowed: tuple[str, ...], where: str) -> Iterator[str]:
    return (f"{where}: {unknown_name(name, allowed)}" for name in parameters if name not in allowed)


def _faults_of_split(name: str, project: Project) -> list[str]:
    """What is wrong with the split that a study names; params.yaml is at fault for itself."""
    where, splits = project.splits, read_splits(project.splits)
    if name not in splits:
        return [f"{where}: no split {name!r}{meant_or_known(name, tuple(splits))}"]
    spec, sets = splits[name], plugin_files("datasets")
    place = f"split {name}: parameters"
    found = plugin_faults("datasets", sets, spec.dataset, spec.parameters, place)
    return [f"{where}: {fault}" for fault in found]
