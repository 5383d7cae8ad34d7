"""The indices of a split into train, validation, calibration and test."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from harness.core.errors import DataError
from harness.core.types import Ints

_NEEDED = ("train", "validation", "test")


def no_samples() -> Ints:
    """An empty part."""
    return np.empty(0, dtype=np.int64)


@dataclass(frozen=True)
class SplitIndices:
    """Sample indices of the parts, sorted and disjoint; only the calibration part may be empty."""

    train: Ints
    validation: Ints
    test: Ints
    calibration: Ints = field(default_factory=no_samples)

    def __post_init__(self) -> None:
        """Refuse parts that overlap or are empty."""
        for part in _NEEDED:
            if not len(getattr(self, part)):
                raise DataError(f"the {part} part of a split has no samples; change the shares")
        every = np.concatenate(list(self.parts.values()))
        if len(np.unique(every)) != len(every):
            raise DataError("the parts of a split overlap")

    @property
    def parts(self) -> Mapping[str, Ints]:
        """The parts that have samples, by their names, in the order of their use."""
        every = {
            "train": self.train,
            "validation": self.validation,
            "calibration": self.calibration,
            "test": self.test,
        }
        return {name: index for name, index in every.items() if len(index)}
