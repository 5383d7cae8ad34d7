"""An array in a file: NumPy's .npy or MATLAB's .mat, the same array whatever the container."""

import hashlib
import io
from pathlib import Path

import numpy as np
import numpy.typing as npt

from harness.core.errors import DataError
from harness.core.files import read_bytes, reason_of


def read_container(path: Path, missing: str = "no such file") -> npt.NDArray[np.generic]:
    """The array of a .npy file, or the only one of a .mat file, in C order; never unpickles.

    Parameters
    ----------
    missing
        Message where there is no such file.

    Raises
    ------
    DataError
        There is no such file, it is damaged, or a .mat file holds another number of arrays.
    InputError
        It may not be read.
    """
    content = read_bytes(path, missing)
    try:
        values = (
            _only_array(path)
            if path.suffix == ".mat"
            else np.lib.format.read_array(io.BytesIO(content), allow_pickle=False)
        )
    except Exception as error:  # a damaged file may raise any
        raise DataError(f"{path}: not a readable array ({reason_of(error)})") from None
    # Sums over float32 depend on the order in memory, and containers differ in it.
    return np.ascontiguousarray(values)


def array_digest(values: npt.NDArray[np.generic]) -> str:
    """`array:<type>:<shape>:<SHA-256 of the values in C order>`; no container enters it."""
    shape = "x".join(map(str, values.shape))
    return f"array:{values.dtype.str}:{shape}:{hashlib.sha256(values.tobytes()).hexdigest()}"


def _only_array(path: Path) -> npt.NDArray[np.generic]:
    from scipy.io import loadmat

    arrays = [values for name, values in loadmat(path).items() if not name.startswith("__")]
    if len(arrays) != 1:
        raise ValueError(f"one array expected, {len(arrays)} found")
    values: npt.NDArray[np.generic] = arrays[0]
    return values
