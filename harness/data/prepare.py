"""Prepare a split: write its indices and its manifest to `data/prepared/<split>/`.

Inputs are built from the raw files at load time: that is faster than reading stored patches, and a
prepared split takes only a few kilobytes.
"""

import dataclasses
import hashlib
import io
from pathlib import Path

import numpy as np
import numpy.typing as npt

from harness.core.errors import DataError, InputError
from harness.core.files import Json, atomic_file, content_key
from harness.core.manifest import Manifest, SplitSpec
from harness.core.parameters import Parameters, build, parameters_of
from harness.core.records import adapter_of, write_record
from harness.core.result_format import read_current
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
    plugin, data = read_raw(name, spec, raw_root)
    # Identified again: the manifest must not name the version of a file changed since its fetch.
    raw = raw_root / spec.dataset
    source = {file.name: identify(file, raw / file.name) for file in plugin.files}
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
        code=DATASETS.source_digest(spec.dataset),
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
    """The data set's plug-in with the split's parameters, and its raw arrays."""
    plugin = build(DATASETS.get(spec.dataset), spec.parameters, f"split {name}: parameters")
    return plugin, plugin.read(raw_root / spec.dataset)


def read_manifest(prepared_root: Path, name: str) -> Manifest:
    """A split's manifest; raises DataError where it is missing or damaged."""
    path = prepared_root / name / MANIFEST_FILE
    try:
        remedy = f"`harness data prepare {name}`"
        return read_current(path, Manifest, remedy, f"no such split; {remedy}")
    except InputError as error:
        raise DataError(str(error)) from None


def read_split_indices(prepared_root: Path, name: str) -> SplitIndices:
    """A split's sample indices; raises DataError where they are missing or damaged."""
    path = prepared_root / name / INDICES_FILE
    try:
        with np.load(io.BytesIO(path.read_bytes()), allow_pickle=False) as arrays:
            return SplitIndices(arrays["train"], arrays["validation"], arrays["test"])
    except Exception as error:
        raise DataError(f"{path}: not readable ({error!r}); prepare the split again") from None


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
