"""Renaming a study: its folder, and all in it that the name is part of."""

from dataclasses import dataclass
from pathlib import Path

import pydantic

from harness.core.errors import InputError
from harness.core.faults import explain
from harness.core.files import discard
from harness.core.records import read_record, write_record
from harness.core.study_spec import StudySpec
from harness.results.confirmation import confirmation_folder
from harness.results.launch_lock import HOLDER
from harness.results.launches import LAUNCHES
from harness.results.stamp import STAMP, Stamp
from harness.results.study_record import (
    JOURNAL,
    RECORD,
    StudyRecord,
    read_header,
    read_study_record,
    write_study_record,
)
from harness.study.removal import held_study
from harness.study.storages.journal_file import JournalFile

_DRAWN = ("report.html", "pareto.html", "pareto.png", "figures")
"""Pages and pictures that show the name."""


@dataclass(frozen=True)
class Renaming:
    """How a study was renamed, and what could not follow.

    Attributes
    ----------
    folder
        Of the study under its new name.
    redrawn
        Whether there were pages and pictures: they showed the old name, and are deleted.
    logged
        Whether MLflow has runs of it: they stay under the old name.
    exported
        Exported networks that name the old study.
    goes_on
        Whether the search is not complete.
    proposals
        Whether what Optuna knows of it is here too: that of a study in a database is not.
    """

    folder: Path
    redrawn: bool
    logged: bool
    exported: tuple[Path, ...]
    goes_on: bool
    proposals: bool


def rename_study(folder: Path, name: str) -> Renaming:
    """Give the study of a folder another name.

    Record, confirmation, journal and the stamp of its tables get the name; its trials, whose keys
    do not depend on it, and its tables stay as they are.

    Parameters
    ----------
    folder
        Below the results. One that was renamed in part, before this process was killed, may be
        named by the name that it has now.

    Raises
    ------
    InputError
        The name is not allowed or taken, a launch holds the study or its confirmation, or its
        record cannot be read.
    """
    record = read_header(folder)
    _check_name(record.spec, name)
    target = folder.with_name(name)
    if record.name == name:
        raise InputError(f"{name}: the study has this name already")
    if target != folder and (target.exists() or target.is_symlink()):
        raise InputError(f"{target}: exists; choose another name, or `harness remove {name}`")
    fresh = confirmation_folder(folder)
    of_confirmation = read_study_record(fresh) if (fresh / RECORD).is_file() else None
    with held_study(folder):
        whole = read_study_record(folder)
        if target != folder:
            folder.rename(target)
            for each in (target, confirmation_folder(target)):
                discard(each / HOLDER)  # of this process; the locks moved with their folders
        if of_confirmation is not None:
            _rewrite(confirmation_folder(target), of_confirmation, name)
        JournalFile(target / JOURNAL).rename_studies(record.name, name)
        # The record last: until then the study can be renamed once more.
        _rewrite(target, whole, name)
        drawn = [target / each for each in _DRAWN if (target / each).exists()]
        for path in drawn:
            discard(path)
    exports = [target / "export", *(target / "models").glob("*")]
    return Renaming(
        folder=target,
        redrawn=bool(drawn),
        logged=(target / LAUNCHES).is_file(),
        exported=tuple(path for path in exports if path.is_dir()),
        goes_on=whole.state != "done",
        proposals=whole.imported or (target / JOURNAL).is_file(),
    )


def _check_name(spec: StudySpec, name: str) -> None:
    """Refuse a name that no study may have; raises InputError."""
    try:
        StudySpec.model_validate({**spec.model_dump(), "name": name})
    except pydantic.ValidationError as error:
        raise InputError(explain(error, "NEW", {"name": name})) from None


def _rewrite(folder: Path, record: StudyRecord, name: str) -> None:
    """Write a record, and the stamp of the tables beside it, under another name."""
    renamed = record.model_copy(update={"spec": record.spec.model_copy(update={"name": name})})
    if (folder / STAMP).is_file():
        stamp = read_record(folder / STAMP, Stamp)
        study = {**stamp.study, "name": name}
        write_record(folder / STAMP, stamp.model_copy(update={"study": study}))
    write_study_record(folder, renamed)
