"""Raw inputs of an export: cut out of a scene where samples are its pixels, and standardised."""

from collections.abc import Iterator
from pathlib import Path
from typing import TypedDict

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float32]
Raw = npt.NDArray[np.generic]
Ints = npt.NDArray[np.int64]

STATISTICS = "statistics.npz"


def patches(cube: Raw, patch: int) -> Raw:
    """The patch around each pixel, reflected at the edges: [rows, columns, bands, patch, patch].

    They share the memory of one padded copy of the cube.
    """
    pad = patch // 2
    wide = np.pad(cube, ((pad, pad), (pad, pad), (0, 0)), mode="reflect")
    return np.lib.stride_tricks.sliding_window_view(wide, (patch, patch), axis=(0, 1))


class DataManifest(TypedDict):
    """The part of `manifest.json` that says which inputs the network takes."""

    input_shape: list[int]
    patch: int | None


class RawInputs:
    """Turns raw inputs into what the network reads.

    Parameters
    ----------
    folder
        Of the export: `statistics.npz` holds mean and deviation, which broadcast to one sample.
    """

    def __init__(self, folder: Path, manifest: DataManifest) -> None:
        self.shape = tuple(manifest["input_shape"])
        self.patch = manifest["patch"]
        with np.load(folder / STATISTICS, allow_pickle=False) as arrays:
            self._mean, self._deviation = arrays["mean"], arrays["deviation"]

    def standardised(self, raw: npt.ArrayLike) -> Array:
        """Network inputs [N, channels, *space] of raw ones; raises ValueError for another shape."""
        try:
            values = np.asarray(raw, dtype=np.float32)
        except (TypeError, ValueError):
            raise ValueError("inputs are no array of numbers") from None
        if values.shape[1:] != self.shape or values.ndim == 0:
            wanted = f"[N, {', '.join(map(str, self.shape))}]"
            raise ValueError(f"inputs {wanted} expected, found {list(values.shape)}")
        found: Array = (values - self._mean) / self._deviation
        return found

    def cut(self, cube: Raw, positions: Ints, batch_size: int) -> Iterator[Raw]:
        """Raw inputs of the pixels of a scene, in batches [n, channels, *space].

        Parameters
        ----------
        cube
            [rows, columns, bands], raw.
        positions
            [N, 2]: row and column of each pixel.

        Raises
        ------
        ValueError
            The network's samples are no pixels of a scene, the cube has another number of bands,
            or a position lies outside of it.
        """
        patch = self._checked(cube, positions)
        around = patches(cube, patch)
        for first in range(0, len(positions), batch_size):
            rows, columns = positions[first : first + batch_size].T
            yield around[rows, columns].reshape(-1, *self.shape)

    def _checked(self, cube: Raw, positions: Ints) -> int:
        if self.patch is None:
            raise ValueError("the network's inputs are no pixels of a scene; give it inputs alone")
        bands = self.shape[-1] if self.patch == 1 else self.shape[0]
        if cube.shape[2:] != (bands,) or cube.dtype.kind not in "biuf":
            raise ValueError(
                f"a scene [rows, columns, {bands}] expected, found {list(cube.shape)} of "
                f"{cube.dtype}"
            )
        if min(cube.shape[:2]) <= self.patch // 2:
            raise ValueError(f"a scene larger than half a patch of {self.patch} pixels expected")
        inside = (positions >= 0) & (positions < cube.shape[:2])
        if not inside.all():
            raise ValueError(f"{(~inside.all(1)).sum()} positions outside of the scene")
        return self.patch
