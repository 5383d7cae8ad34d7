"""Indian Pines as a regression: held-out bands of a pixel predicted from its others."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, ClassVar

import numpy as np

from harness.core.errors import InputError
from harness.core.parameters import bounded
from harness.core.types import Ints, Split, TaskName
from harness.data.sets import DataSet, RawData, RawFile, build_split
from harness.data.sets.indian_pines_scene import (
    BANDS,
    SCENE_FILES,
    SCENE_FOLDER,
    read_scene,
    standardised_cube,
)
from harness.data.splits import SplitIndices


@dataclass(frozen=True)
class IndianPinesBands(DataSet):
    """Held-out bands of the labelled pixels of the scene (see `indian_pines`), evenly spaced.

    Inputs are spectra [1, bands left]. Neighbouring bands are strongly correlated, so that `gap`
    bands on both sides of a held-out one can be left out of the inputs as well. Splits are
    stratified by land cover.
    """

    held_out: Annotated[int, bounded(1, 50, "number of bands to predict")] = 4
    gap: Annotated[
        int, bounded(0, 20, "bands on each side of a held-out one that are left out too")
    ] = 0

    folder: ClassVar[str] = SCENE_FOLDER
    task: ClassVar[TaskName] = "regression"
    files: ClassVar[tuple[RawFile, ...]] = SCENE_FILES

    def __post_init__(self) -> None:
        """Refuse gaps that leave no band between two held-out ones."""
        if self.held_out * (2 * self.gap + 1) >= BANDS:
            raise InputError(
                f"indian_pines_bands: held_out {self.held_out} with gap {self.gap} leaves none of "
                f"the {BANDS} bands as input"
            )

    def names(self) -> tuple[str, ...]:
        """The held-out bands, counted from 1."""
        return tuple(f"band {band + 1}" for band in self._targets())

    def read(self, raw: Path) -> RawData:
        """Read cube and land covers; targets are the pixels' values in the held-out bands."""
        scene = read_scene(raw, "indian_pines_bands")
        pixels = scene.values[tuple(scene.positions.T)]
        return replace(scene, targets=pixels[:, self._targets()].astype(np.float64))

    def inputs(self, data: RawData, indices: SplitIndices) -> Split:
        """Spectra and targets, each band standardised on the training pixels only."""
        cube = standardised_cube(data, indices.train)
        spectra = cube[tuple(data.positions.T)]
        targets = self._targets()
        near = np.abs(np.arange(BANDS) - targets[:, None]).min(0) <= self.gap
        left = np.ascontiguousarray(spectra[:, None, ~near])
        return build_split(lambda i: left[i], spectra[:, targets], indices, self.names())

    def _targets(self) -> Ints:
        """Indices of the held-out bands: the middles of equal stretches of the spectrum."""
        return (np.arange(self.held_out) * 2 + 1) * BANDS // (2 * self.held_out)
