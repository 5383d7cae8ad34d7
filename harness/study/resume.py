"""Resuming a study: its reference point, and the check that the stored study is the same."""

from importlib.metadata import version
from pathlib import Path

import numpy as np

from harness.core.errors import InputError
from harness.core.manifest import Manifest
from harness.core.project import Project
from harness.core.result_format import stored_format
from harness.core.study_spec import StudySpec
from harness.data.sets import DATASETS
from harness.frontier.selections import SELECTIONS
from harness.models.backbones import BACKBONES
from harness.models.cost import exit_costs
from harness.policies import POLICIES
from harness.regimes import REGIMES
from harness.results import study_record
from harness.results.failures import forget_failures
from harness.results.study_record import Reference, StudyRecord
from harness.study.plan import planned_trials
from harness.study.space import backbones
from harness.study.study_file import difference
from harness.tasks import task_named

_LIBRARIES = ("harness", "torch", "optuna", "mlflow", "numpy", "scikit-learn", "moocore")


def resume_study(
    project: Project, study: StudySpec, manifest: Manifest, restart: bool, retry_failed: bool
) -> StudyRecord:
    """The record of a study, which resumes a stored study of this name.

    Parameters
    ----------
    restart
        Whether a stored study whose file, data, plug-ins' code or result format differ is
        discarded: its proposals are deleted.
    retry_failed
        Whether trials that failed are forgotten and, where there are any, all proposals: each is
        made again from the stored trials, so that those after a failure know how it ends now.

    Raises
    ------
    InputError
        Such a study is stored, and `restart` is not set: the message shows what differs.
    """
    record = StudyRecord(
        spec=study,
        manifest=manifest,
        reference=_reference(study, manifest),
        planned=planned_trials(study),
        state="running",
        versions={library: version(library) for library in _LIBRARIES},
        sources=_sources(study, manifest),
    )
    folder = project.results / study.name
    changed = _difference(folder, record)
    if changed and not restart:
        raise InputError(
            f"{folder} holds another study of this name; give the changed one a new `name` "
            "(--set name=...), or start over with --restart, which trains no equal trial again. "
            f"What changed:\n{changed}"
        )
    stored = None if changed else _stored(folder)
    retried = retry_failed and stored is not None and bool(stored.failed())
    if retry_failed:
        forget_failures(folder)
    if changed or retried:
        for name in (study_record.JOURNAL, study_record.CONFIGURATIONS, study_record.RECORD):
            (folder / name).unlink(missing_ok=True)
    superseded = bool(changed) or retried or (stored is not None and stored.superseded)
    return record.model_copy(update={"superseded": superseded})


def _stored(folder: Path) -> StudyRecord | None:
    if not (folder / study_record.RECORD).exists():
        return None
    return study_record.read_study_record(folder)


def _difference(folder: Path, record: StudyRecord) -> str:
    """How the stored study of a folder differs from `record`; empty where it does not."""
    path = folder / study_record.RECORD
    if not path.exists():
        return ""
    if (found := stored_format(path)) not in (None, record.format):
        return f"-format: {found}\n+format: {record.format}"
    try:
        stored = study_record.read_study_record(folder)
    except InputError as error:
        return str(error)
    return difference(stored.identity(), record.identity())


def _sources(study: StudySpec, manifest: Manifest) -> dict[str, str]:
    """Digest of the code of each plug-in that the study's proposals or results depend on."""
    return {
        f"data set {manifest.spec.dataset}": DATASETS.source_digest(manifest.spec.dataset),
        f"backbone {study.backbone.name}": BACKBONES.source_digest(study.backbone.name),
        **{f"regime {regime}": REGIMES.source_digest(regime) for regime in study.regimes},
        f"exit policy {study.policy.name}": POLICIES.source_digest(study.policy.name),
        "selection exact_table": SELECTIONS.source_digest("exact_table"),
    }


def _reference(study: StudySpec, manifest: Manifest) -> Reference:
    """Cost of the study's largest static network, and the score of predicting without inputs."""
    data = manifest.shape
    width = task_named(data.task).width(data.names)
    macs = max(exit_costs(recipe, data.inputs, width).full for recipe in backbones(study))
    if manifest.task == "regression":
        return Reference(macs=macs, score=0.0, rmse=manifest.error_scale)
    counts = np.array(manifest.counts["validation"])
    majority = int(np.argmax(manifest.counts["train"]))
    return Reference(macs=macs, score=float(counts[majority] / counts.sum()))
