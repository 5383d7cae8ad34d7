"""Arrays in files from elsewhere: refused where they claim far more than their bytes can hold."""

import math
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import numpy.typing as npt

from harness.core.errors import DataError
from harness.core.files import reason_of
from harness.data.containers import read_container

_RATIO, _MOST_VALUES = 100, 2**23
"""Most values per byte of a .mat file, and how many any may hold."""


_READ = """
import sys
from pathlib import Path
from harness.data.source_arrays import read_checked
read_checked(Path(sys.argv[1]))
"""


def read_source_array(path: Path) -> npt.NDArray[np.generic]:
    """The array of a .npy or .mat file.

    A .mat file is read by another process first: SciPy's reader crashes where a damaged one names a
    type of values that MATLAB does not have.

    Raises
    ------
    DataError
        Reading it ends the process that does, or as `read_checked` does.
    """
    if path.suffix == ".mat" and path.is_file():
        command = [sys.executable, "-c", _READ, str(path)]
        code = subprocess.run(command, capture_output=True, check=False).returncode  # noqa: S603
        if code < 0:
            name = signal.Signals(-code).name
            raise DataError(f"{path}: not a readable array (whoever reads it ends by {name})")
    return read_checked(path)


def read_checked(path: Path) -> npt.NDArray[np.generic]:
    """The array of a file that claims no more values than its bytes can hold.

    Errors are those of `harness.data.containers.read_container`.
    """
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
