"""Checks of a data set's arrays: labels within the classes, finite numbers, honest radius."""

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from harness.core.errors import DataError
from harness.core.types import Split
from harness.data.sets import DataSet, RawData
from harness.data.spatial_split import within
from harness.data.splits import SplitIndices

_SCENE_AXES = 3


def check_raw(name: str, plugin: DataSet, data: RawData) -> None:
    """Refuse arrays that do not fit together, labels outside the classes, targets not finite.

    Parameters
    ----------
    name
        Of the data set, for messages.

    Raises
    ------
    DataError
        The message names the data set, what was found and what is allowed.
    """
    labels, samples = data.labels, len(data.labels)
    if labels.dtype.kind not in "iu" or labels.ndim != 1:
        raise _fault(name, f"labels are whole numbers [N], found {labels.dtype} {labels.shape}")
    if not samples:
        raise _fault(name, "found no labelled samples")
    top = len(plugin.names()) if plugin.task == "classification" else labels.max() + 1
    wrong = labels[(labels < 0) | (labels >= top)]
    if len(wrong):
        values = ", ".join(map(str, np.unique(wrong)[:5]))
        raise _fault(
            name,
            f"{len(wrong)} labels outside its classes, found {values}; allowed is 0 to {top - 1}",
        )
    for what, array in (("positions", data.positions), ("targets", data.targets)):
        if len(array) not in {0, samples}:
            raise _fault(name, f"{len(array)} {what} for {samples} labels")
    if plugin.task == "regression" and data.targets.shape != (samples, len(plugin.names())):
        expected = [samples, len(plugin.names())]
        raise _fault(name, f"targets of shape {expected} expected, found {data.targets.shape}")
    if not np.isfinite(data.targets).all():
        raise _fault(name, "targets contain NaN or infinite values")
    if len(np.setdiff1d(data.test, np.arange(samples))) or len(np.unique(data.test)) < len(
        data.test
    ):
        raise _fault(name, f"test holds indices from 0 to {samples - 1}, each once")


def check_finite(name: str, split: Split) -> None:
    """Refuse a split whose inputs, labels or graph contain NaN or infinite values."""
    arrays: list[tuple[str, npt.NDArray[np.generic]]] = []
    for part, found in split.parts.items():
        arrays += [(f"{part} inputs", found.inputs), (f"{part} labels", found.labels)]
    if split.standardisation is not None:
        arrays.append(("1 / deviation", 1 / split.standardisation.deviation))
        arrays.append(("mean", split.standardisation.mean))
    if split.graph is not None:
        arrays.append(("nodes", split.graph.nodes))
    for what, array in arrays:
        if not np.isfinite(array).all():
            raise DataError(f"split {name}: {what} contain NaN or infinite values")


def check_radius(name: str, plugin: DataSet, data: RawData, indices: SplitIndices) -> None:
    """Refuse a data set whose inputs read more of a scene than its `radius` says.

    The test sample farthest from training is built twice, the second time from a scene that was
    changed wherever neither its patch nor one of training lies: the two must be equal.
    """
    from scipy.spatial import KDTree

    if data.values.ndim < _SCENE_AXES or len(data.values) == len(data.labels):
        return  # samples of their own, not a scene

    train, radius = data.positions[indices.train], plugin.radius()
    apart = KDTree(train).query(data.positions[indices.test], p=np.inf)[0]
    sample = indices.test[[np.argmax(apart)]]
    pixels = np.argwhere(np.ones(data.values.shape[:2], dtype=bool))
    kept = within(pixels, np.vstack([train, data.positions[sample]]), radius)
    values = data.values.copy()
    rows, columns = pixels[~kept].T
    values[rows, columns] = values.max() - values[rows, columns] + values.min()
    few = SplitIndices(indices.train, indices.validation[:1], sample)
    before, after = (
        plugin.inputs(found, few).test.inputs for found in (data, replace(data, values=values))
    )
    if not np.array_equal(before, after):
        raise _fault(
            name,
            "the inputs of a test sample change with pixels farther away than radius() = "
            f"{radius}, outside all training patches: give the true radius, which the margin of a "
            "spatial split is made of, and standardise on training pixels alone",
        )


def _fault(name: str, message: str) -> DataError:
    return DataError(f"data set {name}: {message}")
