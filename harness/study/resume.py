"""Opening a study: its data, its reference point, and the check that it is still the same."""

from importlib.metadata import version
from pathlib import Path

import numpy as np

from harness.core.errors import InputError
from harness.core.manifest import Manifest
from harness.core.project import Project
from harness.core.study_spec import StudySpec
from harness.models.cost import exit_costs
from harness.results import study_record
from harness.results.study_record import Reference, StudyRecord
from harness.study.schedule import Turn, turns
from harness.study.space import backbones, trials_per_configuration
from harness.study.study_file import difference
from harness.tasks import task_named

LIBRARIES = ("harness", "torch", "optuna", "mlflow", "numpy", "scikit-learn", "moocore")
SMOKE_SAMPLES = 256


def plan(study: StudySpec) -> tuple[Turn, ...]:
    """All configurations of a study, in order."""
    return turns(tuple(study.regimes), _sizes(study), study.run_cap)


def smoke(study: StudySpec) -> StudySpec:
    """The study made tiny: two configurations per regime, one seed, few epochs and samples."""
    small = {
        "name": f"{study.name}-smoke",
        "training": {**study.training, "epochs": 3, "limit": SMOKE_SAMPLES},
        "seeds": study.seeds[:1],
        "time_cap_minutes": None,
    }
    tiny = study.model_copy(update=small)
    return tiny.model_copy(update={"run_cap": 2 * sum(_sizes(tiny))})


def resume_study(
    project: Project, study: StudySpec, manifest: Manifest, restart: bool
) -> StudyRecord:
    """The study's record, to be continued where a study of this name is stored.

    Parameters
    ----------
    restart
        Whether to forget the proposals of a stored study whose file or data differ.

    Raises
    ------
    InputError
        Such a study is stored and is not to be forgotten: the message shows the difference.
    """
    sizes = dict(zip(study.regimes, _sizes(study), strict=True))
    record = StudyRecord(
        spec=study,
        manifest=manifest,
        reference=_reference(study, manifest),
        planned=sum(sizes[turn.regime] for turn in plan(study)),
        state="running",
        versions={library: version(library) for library in LIBRARIES},
    )
    folder = project.results / study.name
    changed = _changed(study_record.read(folder), record) if _stored(folder) else ""
    if changed and not restart:
        raise InputError(
            f"{folder} holds another study of this name; give the changed one a new `name` "
            f"(--set name=...) or start anew with --restart. What changed:\n{changed}"
        )
    if changed:
        for name in (study_record.JOURNAL, study_record.CONFIGURATIONS, study_record.RECORD):
            (folder / name).unlink(missing_ok=True)
    return record


def _stored(folder: Path) -> bool:
    return (folder / study_record.RECORD).exists()


def _changed(stored: StudyRecord, record: StudyRecord) -> str:
    changed = difference(stored.spec.identity(), record.spec.identity())
    if stored.manifest.digest != record.manifest.digest:
        changed += f"\n-data digest {stored.manifest.digest}\n+data digest {record.manifest.digest}"
    return changed.strip()


def _sizes(study: StudySpec) -> list[int]:
    return [trials_per_configuration(study, regime) for regime in study.regimes]


def _reference(study: StudySpec, manifest: Manifest) -> Reference:
    """Cost of the study's largest static network, and what an answer without inputs is worth."""
    data = manifest.shape
    width = task_named(data.task).width(data.names)
    macs = max(exit_costs(recipe, data.inputs, width).full for recipe in backbones(study))
    if manifest.task == "regression":
        return Reference(macs=macs, score=0.0, rmse=manifest.error_scale)
    counts = np.array(manifest.counts["validation"])
    majority = int(np.argmax(manifest.counts["train"]))
    return Reference(macs=macs, score=float(counts[majority] / counts.sum()))
