"""Resuming a study: its reference point, and the check that the stored study is the same."""

import logging
from pathlib import Path

import numpy as np

from harness.core.errors import InputError
from harness.core.files import discard
from harness.core.manifest import Manifest
from harness.core.result_format import current_format
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
from harness.results.sizes import size_in_words
from harness.results.study_record import Reference, StudyRecord, whole_configurations
from harness.study.plan import planned_trials
from harness.study.restart import PATIENCE, RestartPlan, restart_plan
from harness.study.space import backbones
from harness.study.storages import StoredStudies, StudyStorage
from harness.study.stored import differences, grown_record, stored_header
from harness.study.study_file import difference
from harness.tasks import task_named

_LOG = logging.getLogger(__name__)
_PATIENCE = 5.0
"""Seconds to find out which stored trials a changed study has, for a message."""


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
    header = stored_header(folder)
    changed, elsewhere = differences(folder, record, storage, restart=restart)
    if not restart:
        _refuse(folder, record, changed, elsewhere, storage)
    begun_anew = bool(changed or elsewhere)
    record = record if begun_anew else grown_record(folder, record, storage)
    recorded = whole_configurations(folder)
    retried = retry_failed and any(each.objectives is None for each in recorded)
    if retry_failed:
        forget_failures(folder)
    if begun_anew or retried:
        storage.discard()
    if changed or retried:
        for name in (study_record.JOURNAL, study_record.CONFIGURATIONS, study_record.RECORD):
            discard(folder / name)
        return record.model_copy(update={"superseded": True})
    if not isinstance(header, StudyRecord):
        return record
    kept = {"versions": header.versions, "superseded": header.superseded}
    return record.model_copy(update=kept)


def check_same(folder: Path, record: StudyRecord, storage: StoredStudies) -> StudyRecord:
    """Refuse to go on with another study of a name; writes nothing.

    Parameters are those of `differences`.

    Returns
    -------
    The record with which a launch would go on, as far as growth is concerned.

    Raises
    ------
    InputError
        The message shows what differs.
    """
    _refuse(folder, record, *differences(folder, record, storage), storage)
    return grown_record(folder, record, storage)


def _refuse(
    folder: Path, record: StudyRecord, changed: str, elsewhere: str, storage: StoredStudies
) -> None:
    if not (changed or elsewhere):
        return
    where = str(folder) if changed else storage.name
    plan = restart_plan(folder, record, where, changed or elsewhere, _PATIENCE)
    left, gone = plan.planned - plan.kept, plan.stored - plan.kept
    freed = size_in_words(plan.stored_bytes - plan.kept_bytes)
    known = f"keeps {plan.kept} of the {plan.stored} stored trials, deletes {gone} ({freed}) and "
    raise InputError(
        f"{where} holds another study of this name. Give the changed one a new `name` "
        f"(--set name=...), which trains its {plan.planned} trials{plan.takes(plan.planned)} and "
        f"leaves this one as it is; or start over with --restart, which "
        f"{known if plan.stored else ''}trains up to {left} anew{plan.takes(left)}"
        f"{'' if changed else ' and deletes the proposals of the other one there'}. "
        f"What changed:\n{plan.changed}"
    )


def planned_restart(
    folder: Path, record: StudyRecord, storage: StoredStudies, patience: float = PATIENCE
) -> RestartPlan | None:
    """What `--restart` would do to the study stored in a folder; None where it is the same study.

    Parameters are those of `differences`, and of `restart_plan`; writes nothing.

    Raises
    ------
    InputError
        The folder or the storage cannot be read.
    """
    changed, elsewhere = differences(folder, record, storage, restart=True)
    if not (changed or elsewhere):
        return None
    where = str(folder) if changed else storage.name
    return restart_plan(folder, record, where, changed or elsewhere, patience)


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
