"""Indian Pines: an AVIRIS scene of 145 x 145 pixels, 200 bands, 16 land-cover classes."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, ClassVar

import numpy as np
import numpy.typing as npt

from harness.core.errors import InputError
from harness.core.parameters import bounded
from harness.core.types import Ints, Split
from harness.data.sets import DataSet, RawData, RawFile, build_split
from harness.data.sets.indian_pines_scene import (
    LAND_COVERS,
    SCENE_FILES,
    SCENE_FOLDER,
    read_scene,
    standardised_cube,
)
from harness.data.splits import SplitIndices


@dataclass(frozen=True)
class IndianPines(DataSet):
    """Purdue University, doi:10.4231/R7RX991C; corrected 200-band cube as distributed by UPV/EHU.

    Inputs are a pixel's spectrum [1, 200], or with `patch` > 1 the [200, patch, patch] around it
    (reflected at the scene's edges).
    """

    patch: Annotated[int, bounded(1, 27, "side of the patch around a pixel, odd; 1: spectrum")] = 1

    folder: ClassVar[str] = SCENE_FOLDER
    classes: ClassVar[tuple[str, ...]] = LAND_COVERS
    files: ClassVar[tuple[RawFile, ...]] = SCENE_FILES

    def __post_init__(self) -> None:
        """Refuse patches of even width, which have no central pixel."""
        if self.patch % 2 == 0:
            raise InputError(f"indian_pines: patch must be odd, found {self.patch}")

    def read(self, raw: Path) -> RawData:
        """Read cube and ground truth."""
        return read_scene(raw, "indian_pines")

    def inputs(self, data: RawData, indices: SplitIndices) -> Split:
        """Spectra or patches, each band standardised on the training pixels only."""
        cube = standardised_cube(data, indices.train)
        return build_split(
            lambda i: self._inputs_at(cube, data.positions[i]), data.labels, indices, self.classes
        )

    def radius(self) -> int:
        """Half a patch."""
        return self.patch // 2

    def _inputs_at(self, cube: npt.NDArray[np.float32], positions: Ints) -> npt.NDArray[np.float32]:
        rows, columns = positions.T
        if self.patch == 1:
            spectra: npt.NDArray[np.float32] = cube[rows, columns][:, None]
            return spectra
        pad = self.radius()
        wide = np.pad(cube, ((pad, pad), (pad, pad), (0, 0)), mode="reflect")
        windows = np.lib.stride_tricks.sliding_window_view(wide, (self.patch,) * 2, axis=(0, 1))
        patches: npt.NDArray[np.float32] = np.ascontiguousarray(windows[rows, columns])
        return patches
