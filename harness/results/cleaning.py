"""Cleaning a study: the weights of networks that no command asks for are deleted.

A command that runs a network takes it from an operating point of some regime's frontier, or from
the confirmation. A trial beside all frontiers stays beside them as the search goes on, so that
only its outputs are read: by the frontier stage, comparisons and reports. In place of its weights
lies an archive that says so: a trial without any would be taken for damaged, and trained anew.
"""

import zipfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from harness.core.errors import InputError
from harness.core.files import atomic_file
from harness.results.extent import trained_keys
from harness.results.launch_lock import check_free, only_launch
from harness.results.sizes import size_of
from harness.results.study_record import read_finished
from harness.results.tables import read_frontier
from harness.results.trials import WEIGHTS, has_result, trial_folder

_MARK = "cleaned"
_LARGEST_MARK = 1000
"""Bytes; no network's weights are as small, and most files need not be opened to be told apart."""


@dataclass(frozen=True)
class Cleaning:
    """What cleaning a study deletes.

    Attributes
    ----------
    keys
        Trials whose weights are deleted.
    kept
        Number of trials of the search whose weights stay.
    cleaned
        Number of trials whose weights were deleted before.
    freed
        Bytes that the deleted weights take.
    size
        Bytes of the whole folder of the study before.
    """

    keys: tuple[str, ...]
    kept: int
    cleaned: int
    freed: int
    size: int


def plan_cleaning(folder: Path) -> Cleaning:
    """What cleaning a study would delete; writes nothing.

    Raises
    ------
    InputError
        A launch holds the study, it has no result, or its tables, which say what is on a frontier,
        are not there or out of date.
    """
    check_free(folder)
    return _plan(folder)


def clean(folder: Path) -> Cleaning:
    """Delete the weights of recorded trials that are on no regime's frontier; errors as above."""
    with only_launch(folder):
        found = _plan(folder)
        for key in found.keys:
            path = trial_folder(folder, key) / WEIGHTS
            with atomic_file(path) as temporary, temporary.open("wb") as stream:
                np.savez(stream, allow_pickle=False, **{_MARK: np.zeros(0, np.uint8)})
    return found


def is_cleaned(study_folder: Path, key: str) -> bool:
    """Whether a trial's weights were deleted by `clean`."""
    path = trial_folder(study_folder, key) / WEIGHTS
    try:
        if path.stat().st_size > _LARGEST_MARK:
            return False
        with zipfile.ZipFile(path) as archive:
            return archive.namelist() == [f"{_MARK}.npy"]
    except (OSError, zipfile.BadZipFile):
        return False


def check_weights_kept(study_folder: Path, key: str) -> None:
    """Refuse a trial whose weights were cleaned.

    Raises
    ------
    InputError
        The message says how to get them back.
    """
    if is_cleaned(study_folder, key):
        folder = trial_folder(study_folder, key)
        raise InputError(
            f"{folder / WEIGHTS}: the weights of this trial were deleted by `harness clean`; to "
            f"get them back, delete the folder {folder} and launch the study again: it trains this "
            "trial anew, and no other"
        )


def _plan(folder: Path) -> Cleaning:
    record, frontier = read_finished(folder), read_frontier(folder)
    needed = set(frontier["key"])
    recorded = {key for each in record.succeeded() for key in trained_keys(each)}
    stored = sorted(key for key in recorded if has_result(folder, key))
    cleaned = {key for key in stored if is_cleaned(folder, key)}
    keys = tuple(key for key in stored if key not in needed | cleaned)
    return Cleaning(
        keys=keys,
        kept=len(stored) - len(keys) - len(cleaned),
        cleaned=len(cleaned),
        freed=sum(size_of(trial_folder(folder, key) / WEIGHTS) for key in keys),
        size=size_of(folder),
    )
