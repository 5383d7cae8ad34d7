"""The state of a study: how far it is, and whether its tables are those of its trials."""

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias

from harness.core.errors import DataError, InputError
from harness.results.confirmation import confirmation_folder, confirmed
from harness.results.extent import planned_now
from harness.results.launch_lock import is_launched
from harness.results.pace import read_pace, seconds_left
from harness.results.sizes import size_of
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
    per_hour
        Trials that the running or the last launch trains in an hour; None before two are stored.
    expected_end
        Local time at which the running launch, of the study or of its fresh seeds, is done at this
        pace; None where none is running.
    bytes
        Size of all of its folder.
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
    per_hour: int | None
    expected_end: str | None
    bytes: int
    split: str
    configurations: int
    tables: Tables
    fresh_seeds: FreshState
    data: str


def state_of(folder: Path, record: StudyRecord) -> StudyState:
    """The state of a study, by its folder and its record."""
    trials = len(stored_keys(folder))
    per_hour, expected_end = _pace(folder, record, trials)
    return StudyState(
        study=record.name,
        state=record.state,
        trials=trials,
        planned=planned_now(record),
        failed=len(record.failed()),
        per_hour=per_hour,
        expected_end=expected_end,
        bytes=size_of(folder),
        split=record.spec.split,
        configurations=len(record.configurations),
        tables=_tables(folder, record),
        fresh_seeds=_confirmation(folder),
        data=record.manifest.provenance,
    )


def _pace(folder: Path, record: StudyRecord, trials: int) -> tuple[int | None, str | None]:
    """Trials per hour of the running or the last launch, and when a running one will be done."""
    fresh = confirmation_folder(folder)
    if is_launched(fresh):  # the search is over, and its fresh seeds are trained
        folder, record, trials = fresh, read_study_record(fresh), len(stored_keys(fresh))
    pace, now = read_pace(folder), time.time()
    left = seconds_left(pace, max(planned_now(record) - trials, 0), now)
    ends = None
    if left is not None and record.state == "running":
        ends = time.strftime("%Y-%m-%d %H:%M", time.localtime(now + left))
    return (None if pace is None or pace.per_hour is None else round(pace.per_hour)), ends


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
