"""Results of another results folder: listed and checked with distrust, compared, copied.

No path is followed out of that folder: a symbolic link, or what is no plain file, is refused. Only
files that harness writes are copied, and arrays are never unpickled.
"""

import shutil
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias

import numpy as np

from harness.core.arrays import read_arrays
from harness.core.errors import DataError, InputError
from harness.core.files import atomic_folder
from harness.results import failures, trials
from harness.results.cleaning import is_cleaned

Kind: TypeAlias = Literal["trials", "failures"]
_FILES: dict[Kind, tuple[str, ...]] = {"trials": trials.FILES, "failures": failures.FILES}
_REMEDY = "the copy is not whole: make it again, or launch the study where it comes from"


@dataclass(frozen=True)
class Stored:
    """A trial's result, or its failure, in a study's folder."""

    kind: Kind
    key: str

    def within(self, study_folder: Path) -> Path:
        """Its folder."""
        return study_folder / self.kind / self.key


def check_plain(path: Path) -> None:
    """Refuse a symbolic link, and anything else that is neither a plain file nor a folder.

    Raises
    ------
    DataError
        There is nothing.
    InputError
        It is a link, a pipe or a device, or may not be read.
    """
    try:
        mode = path.lstat().st_mode
    except FileNotFoundError:
        raise DataError(f"{path}: no such file") from None
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror})") from None
    if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
        what = "a symbolic link" if stat.S_ISLNK(mode) else "no plain file"
        raise InputError(f"{path}: {what}; results are taken in from plain files alone")


def stored_results(study_folder: Path) -> tuple[Stored, ...]:
    """All results and failures in a folder that may come from anywhere.

    Raises
    ------
    InputError
        A folder among them is a link, or its name is no key.
    """
    found: list[Stored] = []
    kinds: tuple[Kind, ...] = ("trials", "failures")
    for kind in kinds:
        folder = study_folder / kind
        if not (folder.is_symlink() or folder.exists()):
            continue
        check_plain(folder)
        for path in sorted(folder.iterdir()):
            if path.name.startswith("."):  # not written to its end
                continue
            check_plain(path)
            if not (trials.KEY.fullmatch(path.name) and path.is_dir()):
                raise InputError(
                    f"{path}: the folder of a trial is named by its key, 16 hex digits"
                )
            found.append(Stored(kind, path.name))
    return tuple(found)


def check_result(study_folder: Path, result: Stored) -> None:
    """Refuse what is not whole, or is not of the trial that its folder is named after.

    Raises
    ------
    DataError
        A file is missing or damaged, or the folder's spec has another key.
    InputError
        A file is a link, or may not be read.
    """
    for path in _files(study_folder, result):
        check_plain(path)
    if result.kind == "trials":
        if fault := trials.fault_of(study_folder, result.key):
            raise DataError(f"{fault.partition(';')[0]}; {_REMEDY}")
        return
    found = failures.read_failure(study_folder, result.key).facts.spec.key
    if found != result.key:
        path = result.within(study_folder)
        raise DataError(f"{path}: its key is {found}, the folder is named {result.key}; {_REMEDY}")


def first_difference(mine: Path, theirs: Path, result: Stored) -> str | None:
    """The first file in which a result of two studies' folders differs; None where none does.

    Seconds and versions may differ.

    Raises
    ------
    DataError
        A file of either is missing or damaged.
    """
    key = result.key
    if result.kind == "failures":
        of_failures = [failures.read_failure(folder, key) for folder in (mine, theirs)]
        if len({each.facts.reason for each in of_failures}) > 1:
            return "failure.json"
        return None if of_failures[0].curve.equals(of_failures[1].curve) else "curve.csv"
    a, b = (trials.read_trial(folder, key) for folder in (mine, theirs))
    if trials.StoredCosts.of(a.costs) != trials.StoredCosts.of(b.costs):
        return trials.FACTS
    names = sorted({p.name for folder in (mine, theirs) for p in _files(folder, result)})
    if any(is_cleaned(folder, key) for folder in (mine, theirs)):
        names.remove(trials.WEIGHTS)  # those of one of the two are deleted, and of no use
    arrays = (name for name in names if name.endswith(".npz"))
    return next((name for name in arrays if not _equal(mine, theirs, result, name)), None)


def take_in(source: Path, target: Path, result: Stored) -> None:
    """Copy a result that `check_result` let pass into a study's folder, whole or not at all."""
    with atomic_folder(result.within(target)) as temporary:
        for path in _files(source, result):
            check_plain(path)
            shutil.copyfile(path, temporary / path.name, follow_symlinks=False)


def _files(study_folder: Path, result: Stored) -> Iterator[Path]:
    """The files of a result that are there."""
    folder = result.within(study_folder)
    paths = (folder / name for name in _FILES[result.kind])
    return (path for path in paths if path.is_symlink() or path.exists())


def _equal(mine: Path, theirs: Path, result: Stored, name: str) -> bool:
    """Whether an archive of arrays holds the same in two folders, NaN included."""
    paths = [result.within(folder) / name for folder in (mine, theirs)]
    if not all(path.exists() for path in paths):
        return False
    a, b = (read_arrays(path, "arrays", _REMEDY) for path in paths)
    return a.keys() == b.keys() and all(
        a[key].dtype == b[key].dtype
        and np.array_equal(a[key], b[key], equal_nan=a[key].dtype.kind == "f")
        for key in a
    )
