"""Reader of stored arrays (npz)."""

import io
from collections.abc import Collection
from pathlib import Path

import numpy as np
import numpy.typing as npt

from harness.core.errors import DataError
from harness.core.files import read_bytes, reason_of


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
        with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
            found = dict(arrays)
    except Exception as error:  # a damaged archive may raise any
        raise DataError(f"{path}: not readable {what} ({reason_of(error)}); {remedy}") from None
    if lacking := sorted(set(needed) - set(found)):
        raise DataError(f"{path}: not readable {what} (no {', '.join(lacking)}); {remedy}")
    if strange := sorted(name for name, array in found.items() if array.dtype.kind not in "iuf"):
        raise DataError(f"{path}: not readable {what} (no numbers in {strange[0]}); {remedy}")
    return found
