"""Data sets made up for tests: a scene whose inputs are patches, and plain rows."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from harness.data.sets import DataSet, RawData, build_split, standardised
from harness.data.splits import no_samples


@dataclass(frozen=True)
class Scene(DataSet):
    """A scene of 60 x 60 pixels and 2 bands; `told` is the radius that it says it has."""

    told: int = 2
    reach: int = 2
    global_moments: bool = False

    folder: ClassVar[str] = "scene"
    classes: ClassVar[tuple[str, ...]] = ("water", "wood", "meadow")

    def read(self, raw):
        del raw
        generator = np.random.default_rng(0)
        values = generator.normal(size=(60, 60, 2))
        positions = np.argwhere(generator.random((60, 60)) < 0.7)
        labels = generator.integers(0, 3, len(positions))
        return RawData(values, labels, positions, no_samples())

    def inputs(self, data, indices):
        moments = data.values[tuple(data.positions[indices.train].T)]
        if self.global_moments:
            moments = data.values.reshape(-1, 2)
        cube = standardised(data.values, moments)
        wide = np.pad(cube, ((self.reach,) * 2, (self.reach,) * 2, (0, 0)), mode="reflect")
        side = 2 * self.reach + 1
        windows = np.lib.stride_tricks.sliding_window_view(wide, (side, side), axis=(0, 1))
        return build_split(
            lambda i: np.ascontiguousarray(windows[tuple(data.positions[i].T)]),
            data.labels,
            indices,
            self.classes,
        )

    def radius(self):
        return self.told


@dataclass(frozen=True)
class Rows(DataSet):
    """Rows [1, 2] of no scene."""

    folder: ClassVar[str] = "rows"
    classes: ClassVar[tuple[str, ...]] = ("common", "rare")

    def read(self, raw):
        del raw
        return rows_data(np.repeat([0, 1], [90, 10]))

    def inputs(self, data, indices):
        rows = data.values.astype(np.float32)[:, None]
        return build_split(lambda i: rows[i], data.labels, indices, self.classes)


def rows_data(labels, **fields):
    """Raw data of such rows."""
    none = no_samples()
    values = np.arange(2.0 * len(labels)).reshape(-1, 2)
    return RawData(
        **{"values": values, "labels": labels, "positions": none.reshape(0, 2)}
        | {"test": none}
        | fields
    )
