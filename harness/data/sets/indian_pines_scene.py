"""The Indian Pines scene: raw files, reader and standardisation for all data sets made of it."""

from pathlib import Path

import numpy as np
import numpy.typing as npt

from harness.core.errors import DataError
from harness.core.types import Ints
from harness.data.containers import read_container
from harness.data.sets import RawData, RawFile, standardised

_TENSORLY = "package:tensorly/datasets/data/"
_EHU = "https://www.ehu.eus/ccwintco/uploads/"
_SIDE, BANDS = 145, 200
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
        "Indian_pines_corrected.npy",
        (f"{_TENSORLY}Indian_pines_corrected.npy", f"{_EHU}6/67/Indian_pines_corrected.mat"),
        (
            (
                "array:<u2:145x145x200:"
                "36468dd7336c8bd37a80cced54362ea426f226703f3797ba494556fd8134e77f",
                "canonical cube of UPV/EHU",
            ),
        ),
    ),
    RawFile(
        "Indian_pines_gt.npy",
        (f"{_TENSORLY}Indian_pines_gt.npy", f"{_EHU}c/c4/Indian_pines_gt.mat"),
        (
            (
                "array:|u1:145x145:ebf20cfe0bce98f01885f0ab4fd1857925db3ef0a1f1624bbee3ffcb92425103",
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
    cube, truth = (
        read_container(raw / file.name, f"no such file; `harness data fetch {dataset}`")
        for file in SCENE_FILES
    )
    if (cube.shape, truth.shape) != ((_SIDE, _SIDE, BANDS), (_SIDE, _SIDE)):
        raise DataError(
            f"{raw}: shapes {(_SIDE, _SIDE, BANDS)} and {(_SIDE, _SIDE)} expected, {cube.shape} "
            f"and {truth.shape} found; `harness data fetch {dataset}`"
        )
    positions = np.argwhere(truth != 0)
    labels = truth[tuple(positions.T)].astype(np.int64) - 1
    return RawData(cube, labels, positions, np.empty(0, dtype=np.int64))


def standardised_cube(data: RawData, train: Ints) -> npt.NDArray[np.float32]:
    """The cube, each band standardised on the training pixels only."""
    return standardised(data.values, data.values[tuple(data.positions[train].T)])
