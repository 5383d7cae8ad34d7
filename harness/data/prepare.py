"""Prepare a split: write its indices and its manifest to `data/prepared/<split>/`.

Inputs are built from the raw files at load time: that is faster than reading stored patches, and a
prepared split takes only a few kilobytes.
"""

import dataclasses
import hashlib
from pathlib import Path

import numpy as np
import numpy.typing as npt

from harness.core.arrays import read_arrays
from harness.core.errors import DataError
from harness.core.files import Json, atomic_file, content_key
from harness.core.manifest import Manifest, SplitSpec
from harness.core.parameters import Parameters, build, parameters_of
from harness.core.records import adapter_of, write_record
from harness.core.result_format import read_current
from harness.core.types import Ints
from harness.data.checks import check_finite, check_radius, check_raw
from harness.data.draw import draw_split, shared_pixels
from harness.data.fetch import identify_files
from harness.data.sets import DATASETS, DataSet, RawData
from harness.data.splits import SplitIndices

INDICES_FILE = "indices.npz"
MANIFEST_FILE = "manifest.json"


def prepare_split(name: str, spec: SplitSpec, raw_root: Path, prepared_root: Path) -> Manifest:
    """Draw a split and write its folder, the manifest last.

    Raises
    ------
    DataError
        The raw files are missing or damaged, their arrays do not fit, the split cannot be drawn,
        or its inputs are not finite.
    """
    plugin, data, source = read_raw(name, spec, raw_root)
    indices = draw_split(name, plugin, data, spec)
    split = plugin.inputs(data, indices)
    check_finite(name, split)
    placed = len(data.positions) > 0 and split.graph is None
    if placed and spec.kind == "spatial":
        check_radius(spec.dataset, plugin, data, indices)
    folder = prepared_root / name
    with atomic_file(folder / INDICES_FILE) as temporary, temporary.open("wb") as stream:
        np.savez(stream, allow_pickle=False, **indices.parts)
    used = np.concatenate(list(indices.parts.values()))
    manifest = Manifest(
        name=name,
        spec=spec,
        source=source,
        classes=plugin.names(),
        input_shape=split.shape.inputs,
        counts={part: _counts(plugin, data.labels[i]) for part, i in indices.parts.items()},
        digest=digest(spec, data, indices),
        code=DATASETS.source_digest(spec.dataset),
        task=plugin.task,
        scales=_scales(data, indices),
        unused=_counts(plugin, np.delete(data.labels, used)),
        shared_pixels=shared_pixels(data.positions, indices, plugin.radius()) if placed else None,
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


def read_raw(name: str, spec: SplitSpec, raw_root: Path) -> tuple[DataSet, RawData, dict[str, str]]:
    """The data set with the split's parameters, its raw arrays, and the version of each raw file.

    Files are identified before they are read, and arrays checked after.

    Raises
    ------
    InputError
        A parameter of the split is not allowed.
    DataError
        A raw file is missing, damaged or of an unknown version, or its arrays do not fit.
    """
    plugin = build(DATASETS.get(spec.dataset), spec.parameters, f"split {name}: parameters")
    folder = raw_root / spec.dataset
    source = identify_files(spec.dataset, plugin.files, folder)
    data = plugin.read(folder)
    check_raw(spec.dataset, plugin, data)
    return plugin, data, source


def read_manifest(prepared_root: Path, name: str) -> Manifest:
    """A split's manifest; raises DataError where it is missing or damaged."""
    path = prepared_root / name / MANIFEST_FILE
    remedy = f"`harness data prepare {name}`"
    return read_current(path, Manifest, remedy, f"no such split; {remedy}", remedy)


def read_split_indices(prepared_root: Path, name: str) -> SplitIndices:
    """A split's sample indices; raises DataError where they are missing or damaged."""
    path = prepared_root / name / INDICES_FILE
    remedy = f"`harness data prepare {name}`"
    arrays = read_arrays(path, "indices", remedy, ("train", "validation", "test"))
    parts = [part.name for part in dataclasses.fields(SplitIndices) if part.name in arrays]
    if any(arrays[part].dtype != np.int64 or arrays[part].ndim != 1 for part in parts):
        raise DataError(f"{path}: not rows of whole numbers; {remedy}")
    try:
        return SplitIndices(**{part: arrays[part].astype(np.int64) for part in parts})
    except DataError as error:
        raise DataError(f"{path}: {error}; {remedy}") from None


def digest(spec: SplitSpec, data: RawData, indices: SplitIndices) -> str:
    """Hash of everything that a split's arrays depend on.

    That is its spec, with all of the data set's parameters (defaults included), the digest of the
    plug-in's code, which makes the inputs, and each raw array and each part's indices by name,
    type, shape and content.
    """
    plugin = build(DATASETS.get(spec.dataset), spec.parameters, f"{spec.dataset}: parameters")
    resolved = parameters_of(plugin, spec.dataset)
    arrays = {
        f"{type(kind).__name__}.{field.name}": _array_digest(getattr(kind, field.name))
        for kind in (data, indices)
        for field in dataclasses.fields(kind)
    }
    plain = {
        "spec": spec.model_dump(mode="json", exclude={"parameters"}),
        "parameters": adapter_of(Parameters).dump_python(resolved, mode="json"),
        "code": DATASETS.source_digest(spec.dataset),
        "arrays": arrays,
    }
    return content_key(plain, length=32)


def _array_digest(array: npt.NDArray[np.generic]) -> list[Json]:
    content = hashlib.sha256(array.tobytes()).hexdigest()
    return [array.dtype.str, list(array.shape), content]
