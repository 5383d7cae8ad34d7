"""Resuming a study: its reference point, and the check that the stored study is the same."""

import logging
from pathlib import Path

import numpy as np

from harness.core.errors import DataError, InputError
from harness.core.files import discard
from harness.core.manifest import Manifest
from harness.core.project import Project
from harness.core.study_spec import StudySpec
from harness.models.cost import exit_costs
from harness.results import study_record
from harness.results.study_record import Reference, StudyRecord
from harness.study.journal import recorded_identity
from harness.study.plan import planned_trials
from harness.study.space import backbones
from harness.study.study_file import difference
from harness.tasks import task_named

_LOG = logging.getLogger(__name__)


def resume_study(
    project: Project, study: StudySpec, manifest: Manifest, restart: bool
) -> StudyRecord:
    """The record of a study, which resumes a stored study of this name.

    Parameters
    ----------
    restart
        Whether a stored study whose file, data or reference differ is discarded: its proposals are
        deleted.

    Raises
    ------
    InputError
        Such a study is stored, or one that cannot be told, and `restart` is not set: the message
        shows what differs.
    """
    record = StudyRecord(
        spec=study,
        manifest=manifest,
        reference=_reference(study, manifest),
        planned=planned_trials(study),
        state="running",
        versions={},
    )
    folder = project.results / study.name
    header = _header(folder)
    changed = _difference(folder, header, record)
    if changed and not restart:
        raise InputError(
            f"{folder} holds another study of this name; give the changed one a new `name` "
            "(--set name=...), or start over with --restart, which trains no equal trial again. "
            f"What changed:\n{changed}"
        )
    if changed:
        for name in (study_record.JOURNAL, study_record.CONFIGURATIONS, study_record.RECORD):
            discard(folder / name)
        return record.model_copy(update={"restarted": True})
    if not isinstance(header, StudyRecord):
        return record
    kept = {"versions": header.versions, "restarted": header.restarted}
    return record.model_copy(update=kept)


def _header(folder: Path) -> StudyRecord | InputError:
    """The stored record, or what is wrong with it."""
    try:
        return study_record.read_header(folder)
    except InputError as error:
        return error


def _difference(folder: Path, header: StudyRecord | InputError, record: StudyRecord) -> str:
    """How the stored study of a folder differs from `record`; empty where it does not."""
    if isinstance(header, StudyRecord):
        return difference(header.identity(), record.identity())
    names = (study_record.RECORD, study_record.CONFIGURATIONS, study_record.JOURNAL)
    if not any((folder / name).exists() for name in names):
        return ""
    identity = recorded_identity(folder) if isinstance(header, DataError) else None
    if identity is None:
        return f"{header}\nand no journal says what study was searched there"
    changed = difference(identity, record.identity())
    if not changed:
        _LOG.warning("%s: made anew; %s says what it held", header, study_record.JOURNAL)
    return changed


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
