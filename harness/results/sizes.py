"""How much of the disk results take, and of a machine's time, in words."""

import os
import stat
from collections.abc import Iterable
from pathlib import Path

_UNITS = ("B", "kB", "MB", "GB", "TB")
_STEP = 1000


def size_of(path: Path) -> int:
    """Bytes of a file, or of all files in a folder; 0 where there is neither.

    Symbolic links are not followed. What another process deletes meanwhile does not count.
    """
    try:
        found = path.lstat()
    except OSError:
        return 0
    return _size_within(path) if stat.S_ISDIR(found.st_mode) else found.st_size


def _size_within(folder: Path | str) -> int:
    try:
        with os.scandir(folder) as found:
            return sum(
                _size_within(entry.path)
                if entry.is_dir(follow_symlinks=False)
                else entry.stat(follow_symlinks=False).st_size
                for entry in found
            )
    except OSError:
        return 0


def total_size(paths: Iterable[Path]) -> int:
    """Bytes of several files or folders together."""
    return sum(map(size_of, paths))


def size_in_words(size: float) -> str:
    """A number of bytes for people.

    Examples
    --------
    >>> [size_in_words(size) for size in (0, 999, 1500, 2_000_000_000)]
    ['0 B', '999 B', '1.5 kB', '2.0 GB']
    """
    unit = 0
    while size >= _STEP and unit < len(_UNITS) - 1:
        size, unit = size / _STEP, unit + 1
    return f"{size:.0f} B" if unit == 0 else f"{size:.1f} {_UNITS[unit]}"


def duration_in_words(seconds: float) -> str:
    """A duration for people, to two figures at most.

    Examples
    --------
    >>> [duration_in_words(seconds) for seconds in (0.4, 89, 100, 5400, 7200 * 24)]
    ['1 s', '89 s', '2 min', '90 min', '48 h']
    """
    for length, unit, most in ((1.0, "s", 90), (60.0, "min", 120)):
        if seconds < most * length:
            return f"{max(round(seconds / length), 1)} {unit}"
    return f"{seconds / 3600:.0f} h"
