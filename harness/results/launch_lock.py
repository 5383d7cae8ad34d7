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

LOCK, _HOLDER = ".lock", ".holder.json"
_PATIENCE = 1.0
"""Seconds that a launch waits: `is_launched` holds the lock for an instant."""


class Holder(Record):
    """The process that holds a study.

    Attributes
    ----------
    since
        Local date and time.
    """

    pid: int
    host: str
    since: str


@contextmanager
def only_launch(folder: Path) -> Iterator[None]:
    """Hold a study's folder while the block runs.

    Raises
    ------
    InputError
        Another process holds it: the message says which. Or the folder is a symbolic link: what is
        written and deleted there would not lie below the results.
    """
    if folder.is_symlink():
        raise InputError(
            f"{folder}: a symbolic link; a study's folder lies below the results themselves (which "
            "may be a link as a whole)"
        )
    folder.mkdir(parents=True, exist_ok=True)
    lock = filelock.FileLock(folder / LOCK, timeout=_PATIENCE)
    try:
        lock.acquire()
    except filelock.Timeout:
        raise InputError(
            f"{folder}: another launch of this study is running{_held_by(folder)}; "
            "wait for it or stop it"
        ) from None
    try:
        since = time.strftime("%Y-%m-%d %H:%M:%S")
        holder = Holder(pid=os.getpid(), host=platform.node(), since=since)
        write_record(folder / _HOLDER, holder)
        yield
    finally:
        (folder / _HOLDER).unlink(missing_ok=True)
        lock.release()


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


def _held_by(folder: Path) -> str:
    try:
        holder = read_record(folder / _HOLDER, Holder)
    except InputError:
        return ""
    return f" (process {holder.pid} on {holder.host}, since {holder.since})"
