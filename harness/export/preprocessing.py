"""The preprocessing of a split, found by comparing raw samples with the inputs made of them.

A data set's `inputs` is code of its own. Where all that it does is to cut pixels out of a scene or
to lay samples out anew, and to standardise them by statistics of the training part, these are
recovered here and exports carry them; else exports take inputs as the data set makes them.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from harness.core.types import Ints, Split
from harness.data.sets import RawData
from harness.data.splits import SplitIndices
from harness.export.runtime_inputs import STATISTICS, patches

Moments: TypeAlias = npt.NDArray[np.float32]
Raw: TypeAlias = npt.NDArray[np.generic]
Layout: TypeAlias = Callable[[Ints], Raw]
"""Raw samples [n, channels, *space] at some indices."""

_MOST_VALUES, _FEWEST = 10**7, 100
"""Values that are compared in each part, and samples at least."""
_ROUNDING = 1e-4
_SMALLEST = 1e-6
"""Deviation of what never varies, as `harness.data.sets.standardised` takes it."""


@dataclass(frozen=True)
class Preprocessing:
    """How raw samples become network inputs: (raw - mean) / deviation.

    Attributes
    ----------
    mean, deviation
        float32, broadcast to one sample [channels, *space].
    patch
        Side of the patch that a sample is cut as; None where samples are no pixels of a scene.
    raw
        Raw samples [n, channels, *space] at some indices; None where they were not recognised: then
        the mean is 0 and the deviation 1, and inputs are taken as the data set makes them.
    """

    mean: Moments
    deviation: Moments
    patch: int | None = None
    raw: Layout | None = None

    def write(self, folder: Path) -> None:
        """Write the statistics into an export."""
        np.savez(folder / STATISTICS, allow_pickle=False, mean=self.mean, deviation=self.deviation)

    def validation(self, split: Split, indices: SplitIndices) -> Raw:
        """Inputs of the validation part as the export takes them: [N, channels, *space]."""
        if self.raw is None:
            return split.standardised(split.validation.inputs)
        return self.raw(indices.validation)

    def in_words(self, shape: tuple[int, ...]) -> str:
        """What inputs the export takes."""
        inputs = f"[N, {', '.join(map(str, shape))}]"
        if self.raw is None:
            return (
                f"float32 {inputs} as `inputs` of the data set makes them: its preprocessing is "
                "more than a standardisation, and not in this export"
            )
        bands = shape[-1] if self.patch == 1 else shape[0]
        of_scene = "" if self.patch is None else f", or a whole scene [rows, columns, {bands}]"
        return (
            f"raw {inputs}{of_scene}, as `read` of the data set gives them; the export "
            "standardises them by the statistics of the training part"
        )


def preprocessing_of(data: RawData, indices: SplitIndices, split: Split) -> Preprocessing:
    """Recover the preprocessing of a split from its raw data and its inputs."""
    shape = split.shape.inputs
    for patch, layout in _layouts(data, shape):
        train = _few(indices.train, shape)
        raw = layout(indices.train[train])
        wanted = split.standardised(split.train.inputs[train])
        held = _few(indices.validation, shape)
        other = (
            layout(indices.validation[held]),
            split.standardised(split.validation.inputs[held]),
        )
        for mean, deviation in _statistics(raw, wanted, split):
            pairs = ((raw, wanted), other)
            if all(_same((r.astype(np.float32) - mean) / deviation, w) for r, w in pairs):
                return Preprocessing(mean, deviation, patch, layout)
    return Preprocessing(np.zeros(1, np.float32), np.ones(1, np.float32))


def _few(part: Ints, shape: tuple[int, ...]) -> Ints:
    """Evenly spaced places in a part, as many as are compared."""
    most = max(_MOST_VALUES // int(np.prod(shape)), _FEWEST)
    return np.unique(np.linspace(0, len(part) - 1, min(most, len(part))).astype(np.int64))


def _layouts(data: RawData, shape: tuple[int, ...]) -> Iterator[tuple[int | None, Layout]]:
    """Ways in which raw samples may be laid out as inputs, with the patch where they are pixels."""
    values, side = data.values, shape[-1]
    bands = values.shape[2:]
    if len(data.positions) and len(bands) == 1:  # a scene
        if shape == (1, *bands):
            yield 1, _pixels(data, 1, shape)
        elif shape == (*bands, side, side):
            yield side, _pixels(data, side, shape)
    elif np.prod(values.shape[1:]) == np.prod(shape):
        yield None, lambda index: values[index].reshape(-1, *shape)
        channels_first = (values.shape[-1], *values.shape[1:-1])
        if bands and channels_first == shape:
            yield None, lambda index: np.moveaxis(values[index], -1, 1)


def _pixels(data: RawData, patch: int, shape: tuple[int, ...]) -> Layout:
    around = patches(data.values, patch)

    def cut(index: Ints) -> Raw:
        rows, columns = data.positions[index].T
        found: Raw = around[rows, columns].reshape(-1, *shape)
        return found

    return cut


def _statistics(
    raw: Raw, wanted: npt.NDArray[np.float32], split: Split
) -> Iterator[tuple[Moments, Moments]]:
    """Mean and deviation as they may be: of all values, of each channel, or of each value."""
    if split.standardisation is not None:
        yield split.standardisation.mean, split.standardisation.deviation
    x, y = raw.astype(np.float64), wanted.astype(np.float64)
    every = tuple(range(x.ndim))
    for over in (every, (0, *every[2:]), (0,)):
        centre_x, centre_y = (each.mean(over, keepdims=True) for each in (x, y))
        spread = np.square(x - centre_x).sum(over, keepdims=True)
        slope = ((x - centre_x) * (y - centre_y)).sum(over, keepdims=True)
        varies = spread > 0
        # What never varies says nothing of its deviation, and what is constant has none.
        scale = np.where(varies, slope / np.where(varies, spread, 1), 1 / _SMALLEST)
        if (scale != 0).all():
            moments = (centre_x - centre_y / scale, 1 / scale)
            yield tuple(each[0].astype(np.float32) for each in moments)


def _same(found: npt.NDArray[np.float32], wanted: npt.NDArray[np.float32]) -> bool:
    return found.shape == wanted.shape and np.allclose(found, wanted, _ROUNDING, _ROUNDING)
