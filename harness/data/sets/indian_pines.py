"""Indian Pines: an AVIRIS scene of 145 x 145 pixels, 200 bands, 16 land covers."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, ClassVar

import numpy as np
import numpy.typing as npt

from harness.core.errors import DataError, InputError
from harness.core.parameters import bounded
from harness.core.types import Ints, Split
from harness.data import DataSet, RawData, RawFile, divide
from harness.data.splits import SplitIndices

EHU = "https://www.ehu.eus/ccwintco/uploads/"
SIDE, BANDS = 145, 200


@dataclass(frozen=True)
class IndianPines(DataSet):
    """Purdue University, doi:10.4231/R7RX991C; corrected 200-band cube as distributed by UPV/EHU.

    Inputs are a pixel's spectrum [1, 200], or with `patch` > 1 the [200, patch, patch] around it
    (mirrored at the scene's edges).
    """

    patch: Annotated[int, bounded(1, 27, "side of the patch around a pixel, odd; 1: spectrum")] = 1

    folder: ClassVar[str] = "IndianPines"
    classes: ClassVar[tuple[str, ...]] = (
        "Alfalfa",
        "Corn-notill",
        "Corn-mintill",
        "Corn",
        "Grass-pasture",
        "Grass-trees",
        "Grass-pasture-mowed",
        "Hay-windrowed",
        "Oats",
        "Soybean-notill",
        "Soybean-mintill",
        "Soybean-clean",
        "Wheat",
        "Woods",
        "Buildings-Grass-Trees-Drives",
        "Stone-Steel-Towers",
    )
    files: ClassVar[tuple[RawFile, ...]] = (
        RawFile(
            "Indian_pines_corrected.mat",
            (f"{EHU}6/67/Indian_pines_corrected.mat",),
            (
                ("blob:75b6d6e7df046fce91eda23e7559e274c92da711", "canonical cube"),
                (
                    "sha256:c0c5b37843749998747de4c4ad752932fb1b248b904db8562cfdc27d95b38ed8",
                    "reconstructed cube",
                ),
            ),
        ),
        RawFile(
            "Indian_pines_gt.mat",
            (f"{EHU}c/c4/Indian_pines_gt.mat",),
            (
                (
                    "sha256:65c4687a8ab04f6da4789799bc3bc4f6e88bccac3ed6a2e6ae367e5e6b9e429c",
                    "canonical",
                ),
            ),
        ),
    )

    def __post_init__(self) -> None:
        """Refuse patches without a middle."""
        if self.patch % 2 == 0:
            raise InputError(f"indian_pines: patch must be odd, found {self.patch}")

    def read(self, raw: Path) -> RawData:
        """Read cube and ground truth."""
        cube = _read_mat(raw / self.files[0].name, "indian_pines_corrected", (SIDE, SIDE, BANDS))
        truth = _read_mat(raw / self.files[1].name, "indian_pines_gt", (SIDE, SIDE))
        if not set(np.unique(truth).tolist()) <= set(range(len(self.classes) + 1)):
            raise DataError(f"{raw / self.files[1].name}: labels from 0 to 16 expected")
        positions = np.argwhere(truth != 0)
        labels = truth[tuple(positions.T)].astype(np.int64) - 1
        return RawData(cube, labels, positions, np.empty(0, dtype=np.int64))

    def inputs(self, data: RawData, indices: SplitIndices) -> Split:
        """Spectra or patches, each band standardised on the training pixels only."""
        cube = data.values.astype(np.float32)
        train = cube[tuple(data.positions[indices.train].T)]
        cube = (cube - train.mean(0)) / np.maximum(train.std(0), 1e-6)
        return divide(
            lambda i: self._look(cube, data.positions[i]), data.labels, indices, self.classes
        )

    def radius(self) -> int:
        """Half a patch."""
        return self.patch // 2

    def _look(self, cube: npt.NDArray[np.float32], positions: Ints) -> npt.NDArray[np.float32]:
        rows, columns = positions.T
        if self.patch == 1:
            spectra: npt.NDArray[np.float32] = cube[rows, columns][:, None]
            return spectra
        pad = self.radius()
        wide = np.pad(cube, ((pad, pad), (pad, pad), (0, 0)), mode="reflect")
        windows = np.lib.stride_tricks.sliding_window_view(wide, (self.patch,) * 2, axis=(0, 1))
        patches: npt.NDArray[np.float32] = np.ascontiguousarray(windows[rows, columns])
        return patches


def _read_mat(path: Path, key: str, shape: tuple[int, ...]) -> npt.NDArray[np.generic]:
    from scipy.io import loadmat  # noqa: PLC0415

    # loadmat reports a missing file as an unreadable one.
    if not path.is_file():
        raise DataError(f"{path}: no such file; `harness data fetch indian_pines`")
    try:
        values: npt.NDArray[np.generic] = loadmat(path, variable_names=[key])[key]
    except KeyError:
        raise DataError(f"{path}: holds no array {key!r}") from None
    except Exception as error:
        raise DataError(f"{path}: not a readable MATLAB file ({error})") from None
    if values.shape != shape:
        raise DataError(f"{path}: shape {shape} expected, {values.shape} found")
    if values.dtype.kind not in "iuf":
        raise DataError(f"{path}: numbers expected, {values.dtype} found")
    if not np.isfinite(values.astype(np.float64)).all():
        raise DataError(f"{path}: NaN or infinite values")
    return values
