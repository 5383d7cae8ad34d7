"""Random and spatial splits into train, validation and test: named in `params.yaml`."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pydantic

from harness.core.errors import DataError, InputError
from harness.core.faults import explain
from harness.core.manifest import SplitSpec
from harness.core.records import adapter_of
from harness.core.types import Bools, Ints
from harness.core.yaml_file import read_yaml


@dataclass(frozen=True)
class SplitIndices:
    """Sample indices of the three parts, sorted and disjoint."""

    train: Ints
    validation: Ints
    test: Ints

    def __post_init__(self) -> None:
        """Refuse parts that overlap or are empty."""
        for part in ("train", "validation", "test"):
            if not len(getattr(self, part)):
                raise DataError(f"the {part} part of a split has no samples; change the shares")
        every = np.concatenate([self.train, self.validation, self.test])
        if len(np.unique(every)) != len(every):
            raise DataError("the parts of a split overlap")


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


def find_split(path: Path, name: str) -> SplitSpec:
    """One split of `params.yaml`; raises InputError with the known names."""
    splits = read_splits(path)
    if name not in splits:
        raise InputError(f"{path}: no split {name!r}; known: {', '.join(splits)}")
    return splits[name]


def random_split(labels: Ints, spec: SplitSpec, test: Ints) -> SplitIndices:
    """Split at random, stratified by class.

    Parameters
    ----------
    labels
        int64 [N].
    test
        The canonical test part, left unchanged; empty where there is none.

    Raises
    ------
    DataError
        A class would have no training sample, or a part no sample at all.
    """
    from sklearn.model_selection import train_test_split

    free = np.setdiff1d(np.arange(len(labels)), test)
    sizes = [round(share * len(free)) for share in (spec.train, spec.validation)]
    share = f"training share of {spec.train}"
    try:
        train, rest = train_test_split(
            free, train_size=sizes[0], stratify=labels[free], random_state=spec.seed
        )
        _check_classes(labels, train, spec)
        if sizes[1] >= len(rest):
            return SplitIndices(np.sort(train), np.sort(rest), np.sort(test))
        share = f"validation share of {spec.validation}"
        validation, left = train_test_split(
            rest, train_size=sizes[1], stratify=labels[rest], random_state=spec.seed
        )
    except ValueError as error:
        raise DataError(f"a {share} cannot be stratified: {error}") from None
    return SplitIndices(np.sort(train), np.sort(validation), np.sort(test if len(test) else left))


def spatial_split(labels: Ints, positions: Ints, spec: SplitSpec, radius: int) -> SplitIndices:
    """Split a scene by random blocks, with a margin of `radius` unused pixels between parts.

    Blocks are assigned one by one, each to the part that lacks its classes most (relative to the
    requested shares), so that every class is spread as evenly as its blocks allow.

    Parameters
    ----------
    labels, positions
        int64 [N] and [N, 2] (row, column).

    Raises
    ------
    DataError
        A class has no training block, or a part no sample at all.
    """
    if spec.train + spec.validation > 1 - 1e-9:
        raise DataError("train + validation is 1: a spatial split needs a share for its test part")
    generator = np.random.default_rng(spec.seed)
    size = max(8, 2 * radius + 2)
    offset = generator.integers(0, size, 2)
    cells = (positions + offset) // size
    blocks = np.unique(cells, axis=0, return_inverse=True)[1].reshape(-1)
    part = _assign_blocks(labels, blocks, spec, generator)[blocks]
    near = [_within(positions, positions[part == other], radius) for other in range(3)]
    train = part == 0
    validation = (part == 1) & ~near[0]
    test = (part == 2) & ~near[0] & ~near[1]  # noqa: PLR2004 -- parts 0, 1, 2
    _check_classes(labels, np.flatnonzero(train), spec)
    return SplitIndices(*(np.flatnonzero(mask) for mask in (train, validation, test)))


def _check_classes(labels: Ints, train: Ints, spec: SplitSpec) -> None:
    missing = np.setdiff1d(labels, labels[train]).tolist()
    if missing:
        raise DataError(
            f"a {spec.kind} split with train {spec.train} and seed {spec.seed} leaves classes "
            f"{missing} without training samples; try another seed or a larger share"
        )


def _assign_blocks(
    labels: Ints, blocks: Ints, spec: SplitSpec, generator: np.random.Generator
) -> Ints:
    """Part of each block: 0 train, 1 validation, 2 test."""
    shares = np.array([spec.train, spec.validation, 1 - spec.train - spec.validation])
    counts = np.zeros((blocks.max() + 1, labels.max() + 1))
    np.add.at(counts, (blocks, labels), 1)
    totals = counts.sum(0)
    given = np.zeros((3, counts.shape[1]))
    part = np.zeros(len(counts), dtype=np.int64)
    rarity = (counts / totals).max(1)
    order = np.lexsort((generator.random(len(counts)), -np.round(rarity, 1)))
    for block in order:
        lack = shares[:, None] * totals - given
        part[block] = np.argmax((lack * counts[block] / totals / shares[:, None]).sum(1))
        given[part[block]] += counts[block]
    return part


def _within(positions: Ints, others: Ints, radius: int) -> Bools:
    """Which positions lie within `radius` pixels (in rows and columns) of any of the others."""
    from scipy.ndimage import maximum_filter

    scene = np.zeros(positions.max(0) + 1, dtype=bool)
    scene[tuple(others.T)] = True
    grown = maximum_filter(scene, size=2 * radius + 1, mode="constant")
    found: Bools = grown[tuple(positions.T)]
    return found
