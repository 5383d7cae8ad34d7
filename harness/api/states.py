"""The state of a study: how far it is, and whether its tables are those of its trials."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias

from harness.core.errors import DataError, InputError
from harness.results.confirmation import confirmation_folder, confirmed
from harness.results.stamp import STAMP, outdated
from harness.results.study_record import RECORD, State, StudyRecord, read_study_record
from harness.results.trials import stored_keys

Tables: TypeAlias = Literal["none", "outdated", "current"]
FreshState: TypeAlias = State | Literal["none", "damaged", "outdated"]


@dataclass(frozen=True)
class StudyState:
    """The state of a study.

    Attributes
    ----------
    trials, planned
        Networks that are stored, and that there will be in all.
    failed, configurations
        Configurations that failed, and all that are recorded.
    tables
        Those of `harness frontier`: current, outdated as something changed since, or none.
    fresh_seeds
        State of the confirmation; outdated where the search went on since.
    data
        Data set and version of its files.
    """

    study: str
    state: State
    trials: int
    planned: int
    failed: int
    split: str
    configurations: int
    tables: Tables
    fresh_seeds: FreshState
    data: str


def state_of(folder: Path, record: StudyRecord) -> StudyState:
    """The state of a study, by its folder and its record."""
    return StudyState(
        study=record.name,
        state=record.state,
        trials=len(stored_keys(folder)),
        planned=record.planned,
        failed=len(record.failed()),
        split=record.spec.split,
        configurations=len(record.configurations),
        tables=_tables(folder, record),
        fresh_seeds=_confirmation(folder),
        data=record.manifest.provenance,
    )


def _tables(folder: Path, record: StudyRecord) -> Tables:
    if not (folder / STAMP).is_file():
        return "none"
    return "outdated" if outdated(folder, record) else "current"


def _confirmation(folder: Path) -> FreshState:
    path = confirmation_folder(folder)
    if not (path / RECORD).is_file():
        return "none"
    try:
        confirmed(folder)
        return read_study_record(path).state
    except DataError:
        return "damaged"
    except InputError:
        return "outdated"
