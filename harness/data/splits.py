"""Splits into train, validation, calibration and test: named in `params.yaml`, kept as indices."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pydantic

from harness.core.errors import DataError, InputError
from harness.core.faults import explain
from harness.core.manifest import SplitSpec
from harness.core.records import adapter_of
from harness.core.types import Ints
from harness.core.yaml_file import read_yaml

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


def read_splits(path: Path) -> Mapping[str, SplitSpec]:
    """All splits of `params.yaml`.

    Raises
    ------
    InputError
        The file is missing or not YAML, or a split has an unknown field or an invalid value.
    """
    plain = read_yaml(path)
    splits = plain.get("splits") if isinstance(plain, dict) else None
    if not isinstance(splits, dict):
        raise InputError(f"{path}: needs a mapping `splits:`")
    try:
        return adapter_of(dict[str, SplitSpec]).validate_python(splits)
    except pydantic.ValidationError as error:
        raise InputError(explain(error, f"{path}: splits", splits)) from None


def redrawn(name: str, seed: int) -> str:
    """Name of a split of `params.yaml` drawn with another seed, which `find_split` knows too."""
    return f"{name}@{seed}"


def find_split(path: Path, name: str) -> SplitSpec:
    """One split of `params.yaml`, or as `NAME@SEED` the same drawn with another seed.

    Raises
    ------
    InputError
        There is none of this name: the message lists those known.
    """
    splits = read_splits(path)
    base, _, seed = name.partition("@")
    if name not in splits and base in splits and seed.isdecimal():
        return splits[base].model_copy(update={"seed": int(seed)})
    if name not in splits:
        raise InputError(f"{path}: no split {name!r}; known: {', '.join(splits)}")
    return splits[name]
