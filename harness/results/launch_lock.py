"""The lock that lets one launch of a study in at a time, and who holds it.

The system frees the lock when its holder is gone, however that ended. `.holder.json` beside it only
names the holder.
"""

import os
import platform
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import filelock

from harness.core.errors import InputError
from harness.core.records import Record, read_record, write_record

LOCK, HOLDER = ".lock", ".holder.json"
PATIENCE = 1.0
"""Seconds that a launch waits: `is_launched` holds the lock for an instant."""


class Holder(Record):
    """The process that holds a study.

    Attributes
    ----------
    since
        Local date and time, with its distance from UTC.
    """

    pid: int
    host: str
    since: str

    @property
    def words(self) -> str:
        """The holder in words."""
        return f"process {self.pid} on {self.host}, since {self.since}"


def this_process() -> Holder:
    """The holder that this process is from now on."""
    since = time.strftime("%Y-%m-%d %H:%M:%S %z")
    return Holder(pid=os.getpid(), host=platform.node(), since=since)


@contextmanager
def only_launch(folder: Path) -> Iterator[None]:
    """Hold a study's folder while the block runs.

    Raises
    ------
    InputError
        Another process holds it: the message says which. Or the folder is a symbolic link: what is
        written and deleted there would not lie below the results.
    """
    _check_no_link(folder)
    folder.mkdir(parents=True, exist_ok=True)
    lock = filelock.FileLock(folder / LOCK, timeout=PATIENCE)
    try:
        lock.acquire()
    except filelock.Timeout:
        raise _held(folder) from None
    try:
        write_record(folder / HOLDER, this_process())
        yield
    finally:
        (folder / HOLDER).unlink(missing_ok=True)
        lock.release()


def check_free(folder: Path) -> None:
    """Refuse a folder that `only_launch` would not let in now; writes nothing.

    Raises
    ------
    InputError
        As `only_launch` does.
    """
    _check_no_link(folder)
    if is_launched(folder):
        raise _held(folder)


def is_launched(folder: Path) -> bool:
    """Whether some process holds a study."""
    if not (folder / LOCK).exists():
        return False
    try:
        with filelock.FileLock(folder / LOCK, timeout=0):
            return False
    except filelock.Timeout:
        return True
    except OSError:  # a folder that cannot be written: nobody launches there
        return False


def _check_no_link(folder: Path) -> None:
    if folder.is_symlink():
        raise InputError(
            f"{folder}: a symbolic link; a study's folder lies below the results themselves (which "
            "may be a link as a whole)"
        )


def _held(folder: Path) -> InputError:
    return InputError(
        f"{folder}: another launch of this study is running{_held_by(folder)}; "
        "wait for it or stop it"
    )


def _held_by(folder: Path) -> str:
    try:
        return f" ({read_record(folder / HOLDER, Holder).words})"
    except InputError:
        return ""
