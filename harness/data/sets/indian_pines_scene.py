"""The Indian Pines scene: raw files, reader and standardisation for all data sets made of it."""

from pathlib import Path

import numpy as np
import numpy.typing as npt

from harness.core.errors import DataError
from harness.core.types import Ints
from harness.data.sets import RawData, RawFile, standardised

_EHU = "https://www.ehu.eus/ccwintco/uploads/"
_SIDE, BANDS, _COVERS = 145, 200, 16
SCENE_FOLDER = "IndianPines"
LAND_COVERS = (
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
SCENE_FILES = (
    RawFile(
        "Indian_pines_corrected.mat",
        (f"{_EHU}6/67/Indian_pines_corrected.mat",),
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
        (f"{_EHU}c/c4/Indian_pines_gt.mat",),
        (
            (
                "sha256:65c4687a8ab04f6da4789799bc3bc4f6e88bccac3ed6a2e6ae367e5e6b9e429c",
                "canonical",
            ),
        ),
    ),
)


def read_scene(raw: Path, dataset: str) -> RawData:
    """Read the cube, and land covers (from 0) and positions of the labelled pixels.

    Raises
    ------
    DataError
        A file is missing (the message names `dataset` to fetch), damaged or of another shape.
    """
    shape = (_SIDE, _SIDE, BANDS)
    cube = _read_mat(raw / SCENE_FILES[0].name, "indian_pines_corrected", shape, dataset)
    truth = _read_mat(raw / SCENE_FILES[1].name, "indian_pines_gt", shape[:2], dataset)
    if not set(np.unique(truth).tolist()) <= set(range(_COVERS + 1)):
        raise DataError(f"{raw / SCENE_FILES[1].name}: labels from 0 to {_COVERS} expected")
    positions = np.argwhere(truth != 0)
    labels = truth[tuple(positions.T)].astype(np.int64) - 1
    return RawData(cube, labels, positions, np.empty(0, dtype=np.int64))


def standardised_cube(data: RawData, train: Ints) -> npt.NDArray[np.float32]:
    """The cube, each band standardised on the training pixels only."""
    return standardised(data.values, data.values[tuple(data.positions[train].T)])


def _read_mat(
    path: Path, key: str, shape: tuple[int, ...], dataset: str
) -> npt.NDArray[np.generic]:
    from scipy.io import loadmat

    # loadmat reports a missing file as an unreadable one.
    if not path.is_file():
        raise DataError(f"{path}: no such file; `harness data fetch {dataset}`")
    try:
        values: npt.NDArray[np.generic] = loadmat(path, variable_names=[key])[key]
    except KeyError:
        raise DataError(f"{path}: no array {key!r}") from None
    except Exception as error:
        raise DataError(f"{path}: not a readable MATLAB file ({error})") from None
    if values.shape != shape:
        raise DataError(f"{path}: shape {shape} expected, {values.shape} found")
    if values.dtype.kind not in "iuf":
        raise DataError(f"{path}: numbers expected, {values.dtype} found")
    if not np.isfinite(values.astype(np.float64)).all():
        raise DataError(f"{path}: NaN or infinite values")
    return values
