"""Failures of trials: `results/<study>/failures/<key>/`, written whole or not at all.

A trial that diverged is a result like any other: it is a function of its key, so that it is kept,
and not trained again. A folder holds `failure.json` and `curve.csv`, the epochs up to the failure.
What is no trial's own fault (a full disk, a worker that was killed) is never kept.
"""

import shutil
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from harness.core.errors import InputError
from harness.core.files import atomic_folder
from harness.core.records import Record, read_record, write_record
from harness.core.trial_spec import TrialSpec

FILES = ("failure.json", "curve.csv")
"""All that the folder of a failure may hold."""


class FailureFacts(Record):
    """Contents of `failure.json`.

    Attributes
    ----------
    seconds
        Wall time until it failed.
    versions
        Library name to version.
    """

    spec: TrialSpec
    reason: str
    seconds: float
    versions: dict[str, str]


@dataclass(frozen=True)
class Failure:
    """A failed trial.

    Attributes
    ----------
    curve
        One row per epoch until it failed; empty where it failed before the first was over.
    """

    facts: FailureFacts
    curve: pd.DataFrame


def has_failure(study_folder: Path, key: str) -> bool:
    """Whether a trial is stored as failed."""
    return failure_folder(study_folder, key).is_dir()


def write_failure(study_folder: Path, failure: Failure) -> None:
    """Keep a failed trial; one that is stored already stays."""
    with atomic_folder(failure_folder(study_folder, failure.facts.spec.key)) as temporary:
        write_record(temporary / "failure.json", failure.facts)
        if not failure.curve.empty:
            failure.curve.to_csv(temporary / "curve.csv", index=False)


def read_failure(study_folder: Path, key: str) -> Failure:
    """A failed trial; raises InputError when none is stored, or a file is damaged."""
    folder = failure_folder(study_folder, key)
    facts = read_record(folder / "failure.json", FailureFacts)
    path = folder / "curve.csv"
    try:
        return Failure(facts, pd.read_csv(path) if path.exists() else pd.DataFrame())
    except (ValueError, OSError) as error:
        raise InputError(f"{path}: not a readable curve ({error!r})") from None


def forget_failures(study_folder: Path) -> None:
    """Delete all failures, so that the next launch trains these trials again."""
    shutil.rmtree(study_folder / "failures", ignore_errors=True)


def failure_folder(study_folder: Path, key: str) -> Path:
    """Folder of the failure of one key."""
    return study_folder / "failures" / key
