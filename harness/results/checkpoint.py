"""What the next launch of a study need not read again: `.checkpoint.json`, derived and disposable.

It holds which trial folders were found whole, by the sizes and times of their files, and the
non-dominated points of the configurations recorded so far. Where it is missing, damaged or of
another study, all is read again.
"""

import contextlib
import os
from pathlib import Path

import pydantic

from harness.core.errors import InputError
from harness.core.files import discard
from harness.core.records import Record, read_record, write_record
from harness.core.result_format import current_format, stored_format
from harness.results.trials import DAMAGED, FACTS, fault_of, stored_keys, trial_folder

FILE = ".checkpoint.json"


class Checkpoint(Record):
    """How far a study had come.

    Attributes
    ----------
    study
        Digest of its identity (`StudyRecord.identity`).
    counted
        Configurations whose points are counted, from the first on.
    configurations
        Digest of these.
    front
        Their non-dominated points on validation: relative cost and score.
    whole
        Key of a trial to the `fingerprint` of its folder when that was found whole.
    """

    study: str
    counted: int = 0
    configurations: str = ""
    front: tuple[tuple[float, float], ...] = ()
    whole: dict[str, str] = pydantic.Field({})


def read_checkpoint(study_folder: Path, study: str) -> Checkpoint:
    """The checkpoint of a study; an empty one where there is none that can be used."""
    with contextlib.suppress(InputError):
        found = read_record(study_folder / FILE, Checkpoint)
        if found.study == study:
            return found
    return Checkpoint(study=study)


def write_checkpoint(study_folder: Path, checkpoint: Checkpoint) -> None:
    """Replace the checkpoint."""
    write_record(study_folder / FILE, checkpoint, indent=None)


def fingerprint(study_folder: Path, key: str) -> str:
    """Names, sizes and times of a trial's files, in short; empty where there is no folder."""
    try:
        with os.scandir(trial_folder(study_folder, key)) as entries:
            files = sorted((entry.name, entry.stat()) for entry in entries)
    except OSError:
        return ""
    return " ".join(f"{name[:1]}{of.st_size}:{of.st_mtime_ns:x}" for name, of in files)


def set_aside_damaged(study_folder: Path, whole: dict[str, str]) -> dict[str, str]:
    """Move damaged trial folders to `damaged/`; returns their keys and what is wrong.

    Trials of another format are none of this version's, and stay.

    Parameters
    ----------
    whole
        As of a `Checkpoint`: folders that are still as they were are not read again. It is brought
        up to date with those that are.
    """
    found: dict[str, str] = {}
    for key in stored_keys(study_folder):
        now = fingerprint(study_folder, key)
        if whole.get(key) == now:
            continue
        whole.pop(key, None)
        stored = stored_format(trial_folder(study_folder, key) / FACTS)
        if stored not in {None, current_format()}:
            continue
        if fault := fault_of(study_folder, key):
            found[key] = fault
        else:
            whole[key] = now
    for key in found:
        target = study_folder / DAMAGED / key
        discard(target)
        target.parent.mkdir(exist_ok=True)
        trial_folder(study_folder, key).rename(target)
    return found
