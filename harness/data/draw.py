"""Draw a split of a data set, and say what it costs: classes, margins, shared pixels."""

from collections.abc import Sequence

import numpy as np

from harness.core.errors import DataError, InputError, NoSplitError
from harness.core.manifest import SplitSpec
from harness.core.types import Ints
from harness.data.random_split import random_split
from harness.data.sets import DataSet, RawData
from harness.data.spatial_split import spatial_split, within
from harness.data.splits import SplitIndices

_STEP = 0.05


def draw_split(name: str, plugin: DataSet, data: RawData, spec: SplitSpec) -> SplitIndices:
    """Draw the parts that a spec asks for, every class among the training samples.

    Parameters
    ----------
    name
        Of the split, for messages.

    Raises
    ------
    InputError
        A spatial split is asked of a data set without positions.
    NoSplitError
        A part would have no sample, or training none of some class: the message names the classes
        and what would give them samples.
    """
    if spec.kind == "spatial" and not len(data.positions):
        raise InputError(
            f"split {name}: kind: {spec.dataset} has no positions, found spatial; allowed is random"
        )
    try:
        indices = _parts(plugin, data, spec)
    except DataError as error:
        raise NoSplitError(f"split {name}: {error}") from None
    missing = _missing(data.labels, indices)
    if missing:
        names, counts = strata(plugin, data.labels), np.bincount(data.labels)
        lacking = ", ".join(f"{names[label]} ({counts[label]} samples)" for label in missing)
        raise NoSplitError(
            f"split {name}: train {spec.train} with seed {spec.seed} leaves classes without "
            f"training samples: {lacking}; {_remedy(plugin, data, spec)}"
        )
    return indices


def strata(plugin: DataSet, labels: Ints) -> Sequence[str]:
    """Names of the values of `RawData.labels`: the classes, or a regression's numbered strata."""
    if plugin.task == "classification":
        return plugin.names()
    return tuple(f"stratum {number}" for number in range(labels.max() + 1))


def shared_pixels(positions: Ints, indices: SplitIndices, radius: int) -> float:
    """Share of the test samples whose patch shares a pixel with a training patch.

    Parameters
    ----------
    positions
        int64 [N, 2]: row and column of every sample.
    radius
        In pixels, of a patch.

    Examples
    --------
    Patches of 3 x 3 pixels in one row: those 2 pixels apart share a column, those 3 apart none.

    >>> row = np.stack([np.zeros(9, dtype=int), np.arange(9)], axis=1)
    >>> parts = SplitIndices(np.array([0]), np.array([8]), np.array([2, 3, 4, 5]))
    >>> shared_pixels(row, parts, 1)
    0.25
    """
    near = within(positions[indices.test], positions[indices.train], 2 * radius)
    return float(near.mean())


def _parts(plugin: DataSet, data: RawData, spec: SplitSpec) -> SplitIndices:
    if spec.kind == "spatial":
        return spatial_split(data.labels, data.positions, spec, plugin.radius())
    return random_split(data.labels, spec, data.test, strata(plugin, data.labels))


def _missing(labels: Ints, indices: SplitIndices) -> list[int]:
    """Classes without a training sample."""
    found: list[int] = np.setdiff1d(labels, labels[indices.train]).tolist()
    return found


def _remedy(plugin: DataSet, data: RawData, spec: SplitSpec) -> str:
    """What would do, as tried: the next larger training share that leaves no class out."""
    counts = "`train: 10` (samples per class) takes at most half of a class of two or more"
    if isinstance(spec.train, int):
        return counts
    for share in np.arange(spec.train + _STEP, 1, _STEP).round(2).tolist():
        try:
            found = _parts(plugin, data, spec.model_copy(update={"train": share}))
        except DataError:
            continue
        if not _missing(data.labels, found):
            larger = f"`train: {share}` would do"
            return f"{larger}; {counts}" if spec.kind == "random" else larger
    return counts if spec.kind == "random" else "no larger share would do with these blocks"
