"""The format of all that is stored: by it a file is readable and a trial reusable."""

from pathlib import Path
from typing import TypeVar

import pydantic

from harness.core.errors import DataError
from harness.core.records import read_record

RESULT_FORMAT = 5
"""Increased whenever the same spec would give other numbers, or results another layout.

It is the version of the trainer: of all code that no plug-in's source digest covers (`training`,
`tasks`, `models/early_exit.py`, the objectives in `study/scoring.py`). A change there that changes
a number needs another format, or old trials are taken for new ones.
"""

_UNSTORED = 2
"""The last format that was not stored."""

_T = TypeVar("_T")


class _Header(pydantic.BaseModel):
    """All that is read of a file before it is known to be of this format."""

    format: int = _UNSTORED


def current_format() -> int:
    """The format that this version reads and writes: a default of records and specs."""
    return RESULT_FORMAT


def stored_format(path: Path) -> int | None:
    """The format of a stored JSON file; None where it cannot be told (missing or damaged)."""
    try:
        return _Header.model_validate_json(path.read_bytes()).format
    except (OSError, ValueError):
        return None


def read_current(
    path: Path, kind: type[_T], other: str, missing: str = "no such file", remedy: str = ""
) -> _T:
    """Read a record that stores its format.

    Parameters
    ----------
    other
        What to do about a file of another format.
    missing
        Message where the file does not exist.
    remedy
        What to do where it is damaged.

    Raises
    ------
    DataError
        The file is of another format, missing or damaged.
    InputError
        It may not be read.
    """
    found = stored_format(path)
    if found not in (None, RESULT_FORMAT):
        raise DataError(f"{path}: format {found}, this version reads {RESULT_FORMAT}: {other}")
    return read_record(path, kind, missing, remedy)
