"""Data sets: raw files with their digests, and network inputs built from them."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar

import numpy as np
import numpy.typing as npt
import pydantic

from harness.core.parameters import STRICT
from harness.core.plugins import Registry
from harness.core.types import Floats, Inputs, Ints, Labels, Part, Split, Standardisation, TaskName
from harness.data.splits import SplitIndices


@dataclass(frozen=True)
class RawFile:
    """One file of a data set.

    Attributes
    ----------
    name
        Path below the data set's raw folder, and below `folder` in a mirror. What is named `.npy`
        is an array, and may come as MATLAB's `.mat` as well.
    urls
        Canonical addresses, tried in turn: `package:<name>/...` is a file of an installed package,
        read before any mirror; others are downloaded, gzipped where they end in `.gz`.
    known
        Accepted digests, each with the version it identifies: `sha256:...` of a file's bytes, or of
        an array `array:<type>:<shape>:...` (`harness.data.containers.array_digest`).
    """

    name: str
    urls: tuple[str, ...]
    known: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class RawData:
    """A data set as read: arrays in their own units.

    Attributes
    ----------
    values
        Samples [N, ...], or a scene [rows, columns, bands] for hyperspectral data.
    labels
        int64 [N]: class indices from 0 of the labelled samples. For regression the strata of a
        stratified split, not used otherwise.
    positions
        int64 [N, 2]: row and column of each labelled sample in its scene; empty [0, 2] otherwise.
    test
        Indices of the canonical test part; empty where the data set has none.
    targets
        float64 [N, D]: regression targets, in their own units; empty [0, 0] otherwise.
    """

    values: npt.NDArray[np.generic]
    labels: Ints
    positions: Ints
    test: Ints
    targets: Floats = field(default_factory=lambda: np.empty((0, 0)))


@dataclass(frozen=True)
class DataSet(ABC):
    """A data set and how its samples become network inputs.

    A data set for classification sets `classes`; one for regression sets `task`, overrides `names`
    and fills `RawData.targets`.
    """

    __pydantic_config__: ClassVar[pydantic.ConfigDict] = STRICT
    folder: ClassVar[str]
    task: ClassVar[TaskName] = "classification"
    files: ClassVar[tuple[RawFile, ...]] = ()
    classes: ClassVar[tuple[str, ...]] = ()

    @abstractmethod
    def read(self, raw: Path) -> RawData:
        """Read and check the raw files in `raw`; raises DataError for a missing or damaged file."""

    @abstractmethod
    def inputs(self, data: RawData, indices: SplitIndices) -> Split:
        """Network inputs of a split, standardised on its training part (digest left empty).

        Bytes may stay bytes, with the `standardisation` that the network's device applies to them.
        Regression targets are standardised likewise.
        """

    def names(self) -> tuple[str, ...]:
        """Names of the classes [K], or of a regression's targets [D]."""
        return self.classes

    def radius(self) -> int:
        """Radius in pixels of the inputs of one sample (0 for inputs that do not overlap).

        Preparing a spatial split refuses a radius that is smaller than what inputs read.
        """
        return 0


def build_split(
    inputs_of: Callable[[Ints], Inputs],
    labels: Labels,
    indices: SplitIndices,
    names: tuple[str, ...],
    standardisation: Standardisation | None = None,
) -> Split:
    """Build the parts of a split; `inputs_of` maps sample indices to inputs.

    Parameters
    ----------
    labels
        Labels of all samples: class indices [N], or standardised targets [N, D].
    names
        Names of the classes or targets.
    standardisation
        Of inputs that are bytes.
    """
    parts = {name: Part(inputs_of(index), labels[index]) for name, index in indices.parts.items()}
    needed = (parts["train"], parts["validation"], parts["test"])
    return Split(
        *needed,
        names,
        digest="",
        calibration=parts.get("calibration"),
        standardisation=standardisation,
    )


def standardised(
    values: npt.NDArray[np.generic], sample: npt.NDArray[np.generic]
) -> npt.NDArray[np.float32]:
    """Values [..., C], each column standardised by its moments over a sample [n, C]; float32."""
    values, sample = values.astype(np.float32), sample.astype(np.float32)
    found: npt.NDArray[np.float32] = (values - sample.mean(0)) / np.maximum(sample.std(0), 1e-6)
    return found


DATASETS = Registry("harness.data.sets", DataSet, ("indian_pines_scene",))
