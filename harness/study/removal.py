"""Removing a study: its folder of results, and what a database holds of it."""

import contextlib
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from harness.core.errors import HarnessError
from harness.results.confirmation import confirmation_folder
from harness.results.launch_lock import check_free, only_launch
from harness.results.launches import LAUNCHES
from harness.results.sizes import size_of
from harness.results.study_record import CONFIGURATIONS, JOURNAL
from harness.results.trials import stored_keys
from harness.study.storages.held import held_storage


@dataclass(frozen=True)
class Removal:
    """What removing a study deletes, and what stays.

    Attributes
    ----------
    trials
        Stored networks, those of its confirmation included.
    size
        Bytes of its folder.
    logged
        Whether MLflow has runs of it, which stay.
    elsewhere
        Whether its proposals are in a database.
    pages
        Pages that show it beside others, which stay.
    """

    trials: int
    size: int
    logged: bool
    elsewhere: bool
    pages: tuple[Path, ...]


def plan_removal(folder: Path) -> Removal:
    """What removing the study of a folder would delete; writes nothing.

    Raises
    ------
    InputError
        A launch holds the study or its confirmation.
    """
    fresh = confirmation_folder(folder)
    for each in (folder, fresh):
        check_free(each)
    pages = (p for p in folder.parent.glob("*+*.html") if folder.name in p.stem.split("+"))
    return Removal(
        trials=len(stored_keys(folder)) + len(stored_keys(fresh)),
        size=size_of(folder),
        logged=(folder / LAUNCHES).is_file(),
        elsewhere=(folder / CONFIGURATIONS).is_file() and not (folder / JOURNAL).is_file(),
        pages=tuple(sorted(pages)),
    )


def remove_study(folder: Path, storage: str | None = None) -> None:
    """Delete the folder of a study, and what a database holds of the study.

    Parameters
    ----------
    storage
        Address of that database; None leaves all databases alone.

    Raises
    ------
    InputError
        A launch holds the study or its confirmation, or the database is out of reach: nothing is
        deleted.
    HarnessError
        A file cannot be deleted.
    """
    with held_study(folder), held_storage(storage, folder, lambda: None) as kept:
        # A launch that begins now makes a folder of its own.
        gone = folder.with_name(f".{folder.name}.{os.getpid()}-removed")
        try:
            folder.rename(gone)
            if storage is not None:
                kept.discard()
            shutil.rmtree(gone)
        except OSError as error:
            raise HarnessError(f"{error.filename or folder}: {error.strerror}") from error


@contextlib.contextmanager
def held_study(folder: Path) -> Iterator[None]:
    """Hold the folder of a study and of its confirmation; errors as of `only_launch`."""
    fresh = confirmation_folder(folder)
    with only_launch(folder), only_launch(fresh) if fresh.is_dir() else contextlib.nullcontext():
        yield
