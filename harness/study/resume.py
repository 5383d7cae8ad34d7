"""Resuming a study: its reference point, and the check that the stored study is the same."""

import logging
from pathlib import Path

import numpy as np

from harness.core.errors import DataError, InputError
from harness.core.files import discard
from harness.core.manifest import Manifest
from harness.core.result_format import current_format, stored_format
from harness.core.study_spec import StudySpec
from harness.core.trial_spec import Device
from harness.data.sets import DATASETS
from harness.frontier.selections import SELECTIONS
from harness.models.backbones import BACKBONES
from harness.models.cost import exit_costs
from harness.policies import POLICIES
from harness.regimes import REGIMES
from harness.results import study_record
from harness.results.failures import forget_failures
from harness.results.study_record import Reference, StudyRecord
from harness.results.trained_here import check_trained_here
from harness.study.journal import recorded_identity
from harness.study.plan import planned_trials
from harness.study.space import backbones
from harness.study.storages import StoredStudies, StudyStorage
from harness.study.study_file import difference
from harness.tasks import task_named

_LOG = logging.getLogger(__name__)


def new_record(study: StudySpec, manifest: Manifest, device: Device) -> StudyRecord:
    """The record of a study that is launched now.

    Parameters
    ----------
    device
        Kind of the device to train on.
    """
    return StudyRecord(
        spec=study,
        manifest=manifest,
        reference=_reference(study, manifest),
        planned=planned_trials(study),
        state="running",
        versions={},
        sources=_sources(study, manifest),
        device=device,
    )


def resume_study(
    folder: Path,
    record: StudyRecord,
    storage: StudyStorage,
    *,
    restart: bool,
    retry_failed: bool,
) -> StudyRecord:
    """The record with which a study goes on that may be stored in a folder already.

    Parameters
    ----------
    record
        The study as it is launched now.
    storage
        Where its proposals are kept.
    restart
        Whether a stored study whose file, data, plug-ins' code, result format, device or
        reference differ is discarded: its proposals are deleted.
    retry_failed
        Whether trials that failed are forgotten and, where there are any, all proposals: each is
        made again from the stored trials, so that those after a failure know how it ends now.

    Raises
    ------
    InputError
        Such a study is stored, or one that cannot be told, and `restart` is not set: the message
        shows what differs. Or the study of this name was imported.
    """
    header = _header(folder)
    changed, elsewhere = differences(folder, record, storage)
    if not restart:
        _refuse(folder, changed, elsewhere, storage)
    recorded = study_record.whole_configurations(folder)
    retried = retry_failed and any(each.objectives is None for each in recorded)
    if retry_failed:
        forget_failures(folder)
    if changed or elsewhere or retried:
        storage.discard()
    if changed or retried:
        for name in (study_record.JOURNAL, study_record.CONFIGURATIONS, study_record.RECORD):
            discard(folder / name)
        return record.model_copy(update={"superseded": True})
    if not isinstance(header, StudyRecord):
        return record
    kept = {"versions": header.versions, "superseded": header.superseded}
    return record.model_copy(update=kept)


def check_same(folder: Path, record: StudyRecord, storage: StoredStudies) -> None:
    """Refuse to go on with another study of a name; writes nothing.

    Parameters are those of `differences`.

    Raises
    ------
    InputError
        The message shows what differs.
    """
    _refuse(folder, *differences(folder, record, storage), storage)


def _refuse(folder: Path, changed: str, elsewhere: str, storage: StoredStudies) -> None:
    if not (changed or elsewhere):
        return
    where = folder if changed else storage.name
    raise InputError(
        f"{where} holds another study of this name; give the changed one a new `name` "
        "(--set name=...), or start over with --restart, which trains no equal trial again"
        f"{'' if changed else ' and deletes the proposals of the other one there'}. "
        f"What changed:\n{changed or elsewhere}"
    )


def differences(folder: Path, record: StudyRecord, storage: StoredStudies) -> tuple[str, str]:
    """How the study stored in a folder, and that in a shared storage, differ from a record.

    Each is empty where it does not, or where none is stored.

    Parameters
    ----------
    record
        The study as it is launched now.
    storage
        Where its proposals are kept.

    Raises
    ------
    InputError
        The study of this name was imported: nothing of it can be trained here.
    """
    header = _header(folder)
    if isinstance(header, StudyRecord):
        check_trained_here(header, "a launch")
    changed = _difference(folder, header, record, storage)
    return changed, _difference_elsewhere(record, storage)


def check_unchanged(search: StudyRecord) -> None:
    """Refuse to go on with a search whose plug-ins' code or result format is another now.

    Raises
    ------
    InputError
        The message shows what differs.
    """
    now = {"sources": _sources(search.spec, search.manifest), "format": current_format()}
    changed = difference(search.identity(), search.model_copy(update=now).identity())
    if changed:
        raise InputError(
            f"study {search.name}: it was searched by other code; `harness launch` it with "
            f"--restart, which trains no equal trial again. What changed:\n{changed}"
        )


def _header(folder: Path) -> StudyRecord | InputError:
    """The stored record, or what is wrong with it."""
    try:
        return study_record.read_header(folder)
    except InputError as error:
        return error


def _difference_elsewhere(record: StudyRecord, storage: StoredStudies) -> str:
    """How a study of this name in a storage that others use differs; empty where it does not."""
    identity = recorded_identity(storage) if storage.shared else None
    return difference(identity, record.identity()) if identity else ""


def _difference(
    folder: Path, header: StudyRecord | InputError, record: StudyRecord, storage: StoredStudies
) -> str:
    """How the stored study of a folder differs from `record`; empty where it does not."""
    if isinstance(header, StudyRecord):
        return difference(header.identity(), record.identity())
    found = stored_format(folder / study_record.RECORD)
    if found not in (None, record.format):
        return f"-format: {found}\n+format: {record.format}"
    names = (study_record.RECORD, study_record.CONFIGURATIONS, study_record.JOURNAL)
    if not any((folder / name).exists() for name in names):
        return ""
    identity = recorded_identity(storage) if isinstance(header, DataError) else None
    if identity is None:
        if not any((folder / name).exists() for name in names[:2]):
            return ""  # a launch that ended before it recorded anything; its journal is set aside
        return f"{header}\nand {storage.name} does not say what study was searched there"
    changed = difference(identity, record.identity())
    if not changed:
        _LOG.warning("%s: made anew; %s says what it held", header, storage.name)
    return changed


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
