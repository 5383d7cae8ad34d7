"""Reader of stored arrays (npz)."""

import io
import zipfile
from collections.abc import Collection
from pathlib import Path

import numpy as np
import numpy.typing as npt

from harness.core.errors import DataError
from harness.core.files import read_bytes, reason_of

_RATIO, _SMALL = 100, 2**26
"""How many times its own size an archive may unpack to, and how many bytes any may."""


def read_arrays(
    path: Path, what: str, remedy: str, needed: Collection[str] = ()
) -> dict[str, npt.NDArray[np.generic]]:
    """All arrays of an npz file by name; never unpickles. Its checksums are verified.

    Parameters
    ----------
    what
        What the arrays are, for the message.
    remedy
        What to do where the file is missing or damaged, for the message.
    needed
        Names of arrays that must be there.

    Raises
    ------
    DataError
        The file is missing or damaged, lacks an array, or one does not hold numbers.
    InputError
        It may not be read.
    """
    content = read_bytes(path, f"no such file; {remedy}")
    try:
        _check_unpacked(content)
        with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
            found = dict(arrays)
    except Exception as error:  # a damaged archive may raise any
        raise DataError(f"{path}: not readable {what} ({reason_of(error)}); {remedy}") from None
    if lacking := sorted(set(needed) - set(found)):
        raise DataError(f"{path}: not readable {what} (no {', '.join(lacking)}); {remedy}")
    if strange := sorted(name for name, array in found.items() if array.dtype.kind not in "iuf"):
        raise DataError(f"{path}: not readable {what} (no numbers in {strange[0]}); {remedy}")
    return found


def _check_unpacked(content: bytes) -> None:
    """Refuse an archive that says that it unpacks to far more than harness ever packs."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        size = sum(member.file_size for member in archive.infolist())
    if size > max(_SMALL, _RATIO * len(content)):
        raise ValueError(f"{len(content)} bytes that unpack to {size}")
