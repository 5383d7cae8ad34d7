"""Arrays in files from elsewhere: refused where they claim far more than their bytes can hold."""

import math
from pathlib import Path

import numpy as np
import numpy.typing as npt

from harness.core.errors import DataError
from harness.core.files import reason_of
from harness.data.containers import read_container

_RATIO, _MOST_VALUES = 100, 2**23
"""Most values per byte of a .mat file, and how many any may hold."""


def read_source_array(path: Path) -> npt.NDArray[np.generic]:
    """The array of a .npy or .mat file; errors as in `harness.data.containers.read_container`."""
    if path.suffix == ".mat" and path.is_file():
        _check_claimed(path)
    return read_container(path)


def _check_claimed(path: Path) -> None:
    """Read the heads of a .mat file alone: compressed zeros unpack to a thousand times their size.

    Raises
    ------
    DataError
        The heads are damaged, or claim too many values.
    """
    from scipy.io import whosmat

    try:
        claimed = sum(math.prod(shape) for _, shape, _ in whosmat(path))
        size = path.stat().st_size
    except Exception as error:  # a damaged file may raise any
        raise DataError(f"{path}: not a readable array ({reason_of(error)})") from None
    if claimed > max(_MOST_VALUES, _RATIO * size):
        raise DataError(
            f"{path}: not a readable array ({claimed} values are claimed by {size} bytes)"
        )
