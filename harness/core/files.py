"""Atomic writes and content digests.

What is not written yet has a hidden name beside the final one, which holds the writer's process id:
`.<name>.<pid>-<random>`.
"""

import contextlib
import errno
import hashlib
import json
import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TypeAlias

from harness.core.errors import DataError, InputError

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"

_TEMPORARY = re.compile(r"\..+\.(\d+)-[^-]+")
_TAKEN = {errno.ENOTEMPTY, errno.EEXIST}
"""What systems say when a folder is renamed to one that is there and not empty."""


@contextlib.contextmanager
def atomic_file(path: Path) -> Iterator[Path]:
    """Yield a temporary path beside `path` that replaces it when the block succeeds.

    Raises
    ------
    InputError
        A folder lies at `path`.
    """
    if path.is_dir():
        raise InputError(f"{path}: a folder lies in place of the file; move it away")
    path.parent.mkdir(parents=True, exist_ok=True)
    prefix = _temporary_prefix(path)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=prefix, suffix=path.suffix)
    os.close(handle)
    temporary = Path(name)
    try:
        yield temporary
        temporary.chmod(0o644)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


@contextlib.contextmanager
def atomic_folder(path: Path) -> Iterator[Path]:
    """Yield a temporary folder that becomes `path` when the block succeeds.

    Of several writers of one path the first wins: a folder that is there is kept.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = Path(tempfile.mkdtemp(dir=path.parent, prefix=_temporary_prefix(path)))
    try:
        yield temporary
        temporary.chmod(0o755)
        try:
            temporary.rename(path)
        except OSError as error:
            if error.errno not in _TAKEN:
                raise
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def remove_leftovers(folder: Path) -> None:
    """Remove what writers that were killed left in a folder and in the folders directly below."""
    for path in (*folder.glob(".*"), *folder.glob("*/.*")):
        found = _TEMPORARY.fullmatch(path.name)
        if not found or _is_running(int(found[1])):
            continue
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)


def _temporary_prefix(path: Path) -> str:
    return f".{path.name}.{os.getpid()}-"


def _is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:  # another user's
        return True
    try:  # an orphan that nobody has waited for, as in many containers, is dead all the same
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:  # no Linux
        return True


def read_bytes(path: Path, missing: str = "no such file") -> bytes:
    """The content of a file that harness keeps.

    Parameters
    ----------
    missing
        Message where there is no such file.

    Raises
    ------
    DataError
        There is no such file, or a folder lies in its place.
    InputError
        It may not be read, or its disk fails: it need not be damaged.
    """
    try:
        return path.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        raise DataError(f"{path}: {missing}") from None
    except IsADirectoryError:
        raise DataError(f"{path}: a folder lies in place of the file; move it away") from None
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror})") from None


def reason_of(error: Exception) -> str:
    """An error in one line, for a message: without its input, which may be a whole file."""
    lines = str(error).splitlines()
    return f"{type(error).__name__}: {lines[0]}" if lines else type(error).__name__


def discard(path: Path) -> None:
    """Delete a file, or the folder in its place; nothing happens where there is neither."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def write_text(path: Path, text: str) -> None:
    """Write `text` to `path` atomically."""
    with atomic_file(path) as temporary:
        temporary.write_text(text, encoding="utf-8")


def write_json(path: Path, value: Json) -> None:
    """Write `value` as indented JSON to `path` atomically."""
    write_text(path, json.dumps(value, indent=2) + "\n")


def file_digest(path: Path) -> str:
    """SHA-256 of a file's bytes, in hex."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def content_key(value: Json, length: int = 16) -> str:
    """First `length` hex digits of the SHA-256 of the canonical JSON of `value`."""
    canonical = json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(canonical.encode()).hexdigest()[:length]
