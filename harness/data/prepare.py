"""Prepare a split: write its indices and its manifest to `data/prepared/<split>/`.

Inputs are built from the raw files at load time: that is faster than reading stored patches, and a
prepared split takes only a few kilobytes.
"""

import hashlib
from pathlib import Path

import numpy as np

from harness.core.arrays import read_arrays
from harness.core.errors import DataError, InputError
from harness.core.files import atomic_file, content_key
from harness.core.manifest import Manifest, SplitSpec
from harness.core.parameters import build
from harness.core.records import read_record, write_record
from harness.core.types import Ints
from harness.data.fetch import identify
from harness.data.sets import DATASETS, DataSet, RawData
from harness.data.splits import SplitIndices, random_split, spatial_split

INDICES_FILE = "indices.npz"
MANIFEST_FILE = "manifest.json"


def prepare_split(name: str, spec: SplitSpec, raw_root: Path, prepared_root: Path) -> Manifest:
    """Draw a split and write its folder, the manifest last.

    Raises
    ------
    DataError
        The raw files are missing or damaged, or the split cannot be drawn.
    """
    source = _identified(spec, raw_root)
    plugin, data = read_raw(name, spec, raw_root)
    if spec.kind == "random":
        indices = random_split(data.labels, spec, data.test)
    elif len(data.positions):
        indices = spatial_split(data.labels, data.positions, spec, plugin.radius())
    else:
        raise InputError(
            f"split {name}: kind: {spec.dataset} has no positions, found spatial; allowed is random"
        )
    folder = prepared_root / name
    with atomic_file(folder / INDICES_FILE) as temporary, temporary.open("wb") as stream:
        np.savez(stream, train=indices.train, validation=indices.validation, test=indices.test)
    parts = {"train": indices.train, "validation": indices.validation, "test": indices.test}
    first = SplitIndices(indices.train, indices.validation[:1], indices.test[:1])
    manifest = Manifest(
        name=name,
        spec=spec,
        source=source,
        classes=plugin.names(),
        input_shape=plugin.inputs(data, first).shape.inputs,
        counts={part: _counts(plugin, data.labels[index]) for part, index in parts.items()},
        digest=digest(spec, data, indices),
        task=plugin.task,
        scales=_scales(data, indices),
    )
    write_record(folder / MANIFEST_FILE, manifest)
    return manifest


def _counts(plugin: DataSet, labels: Ints) -> tuple[int, ...]:
    if plugin.task == "regression":
        return (len(labels),)
    return tuple(np.bincount(labels, minlength=len(plugin.names())).tolist())


def _scales(data: RawData, indices: SplitIndices) -> tuple[float, ...]:
    if not len(data.targets):
        return ()
    return tuple(data.targets[indices.train].std(0).tolist())


def read_raw(name: str, spec: SplitSpec, raw_root: Path) -> tuple[DataSet, RawData]:
    """The data set's plug-in with the split's parameters, and its raw arrays.

    Raises
    ------
    DataError
        A raw file is missing or damaged.
    """
    plugin = build(DATASETS.get(spec.dataset), spec.parameters, f"split {name}: parameters")
    _identified(spec, raw_root)
    return plugin, plugin.read(raw_root / spec.dataset)


def _identified(spec: SplitSpec, raw_root: Path) -> dict[str, str]:
    """The version of each raw file, before a plug-in reads it: it need not expect damage."""
    folder, files = raw_root / spec.dataset, DATASETS.get(spec.dataset).files
    for file in files:
        if not (folder / file.name).is_file():
            raise DataError(
                f"{folder / file.name}: no such file; `harness data fetch {spec.dataset}`"
            )
    return {file.name: identify(file, folder / file.name) for file in files}


def read_manifest(prepared_root: Path, name: str) -> Manifest:
    """A split's manifest; raises DataError where it is missing or damaged."""
    path = prepared_root / name / MANIFEST_FILE
    remedy = f"`harness data prepare {name}`"
    return read_record(path, Manifest, f"no such split; {remedy}", remedy)


def read_split_indices(prepared_root: Path, name: str) -> SplitIndices:
    """A split's sample indices; raises DataError where they are missing or damaged."""
    path = prepared_root / name / INDICES_FILE
    parts = ("train", "validation", "test")
    remedy = f"`harness data prepare {name}`"
    arrays = read_arrays(path, "indices", remedy, parts)
    if any(arrays[part].dtype != np.int64 or arrays[part].ndim != 1 for part in parts):
        raise DataError(f"{path}: not rows of whole numbers; {remedy}")
    try:
        return SplitIndices(*(arrays[part].astype(np.int64, copy=False) for part in parts))
    except DataError as error:
        raise DataError(f"{path}: {error}; {remedy}") from None


def digest(spec: SplitSpec, data: RawData, indices: SplitIndices) -> str:
    """Hash of everything that a split's numbers depend on."""
    arrays = [data.values, data.labels, indices.train, indices.validation, indices.test]
    if len(data.targets):
        arrays.append(data.targets)
    hashes = [hashlib.sha256(array.tobytes()).hexdigest() for array in arrays]
    return content_key([spec.model_dump(mode="json"), *hashes], length=32)
