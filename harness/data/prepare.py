"""A split made concrete: `data/prepared/<split>/` holds its indices and its manifest.

Inputs are built from the raw files when they are loaded: that takes less time than reading stored
patches would, and a split stays a few kilobytes.
"""

import hashlib
import io
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import numpy as np
import pydantic

from harness.core.errors import DataError, InputError
from harness.core.files import Json, atomic_file, content_key, write_text
from harness.core.parameters import build, explain
from harness.data import DATASETS, DataSet, RawData
from harness.data.fetch import identify
from harness.data.splits import SplitIndices, SplitSpec, random_split, spatial_split

INDICES = "indices.npz"
MANIFEST = "manifest.json"


class Manifest(pydantic.BaseModel):
    """What a prepared split is.

    Attributes
    ----------
    source
        Per raw file, what its digest says it is ("reconstructed cube", say).
    counts
        Samples of each class in train, validation and test.
    digest
        Hash of the spec, the raw arrays and the indices.
    """

    model_config = pydantic.ConfigDict(extra="forbid", frozen=True)

    name: str
    spec: SplitSpec
    source: dict[str, str]
    classes: tuple[str, ...]
    input_shape: tuple[int, ...]
    counts: dict[str, tuple[int, ...]]
    digest: str

    def provenance(self) -> str:
        """The data set's origin in words, as every figure must carry it."""
        notes = sorted({note for note in self.source.values() if note != "canonical"})
        return f"{self.spec.dataset} ({', '.join(notes) or 'canonical files'})"


@dataclass(frozen=True)
class Prepared:
    """A split read back: its plug-in, raw arrays and indices."""

    plugin: DataSet
    data: RawData
    indices: SplitIndices


def prepare(name: str, spec: SplitSpec, raw_root: Path, prepared_root: Path) -> Manifest:
    """Draw a split and write its folder; the manifest comes last.

    Raises
    ------
    DataError
        The raw files are missing or damaged, or the split cannot be drawn.
    """
    plugin, data = read_raw(name, spec, raw_root)
    # Asked of the files again: a manifest must not vouch for one that changed since its fetch.
    raw = raw_root / spec.dataset
    source = {file.name: identify(file, raw / file.name) for file in plugin.files}
    if spec.kind == "random":
        indices = random_split(data.labels, spec, data.test)
    elif len(data.positions):
        indices = spatial_split(data.labels, data.positions, spec, plugin.radius())
    else:
        raise InputError(f"split {name}: kind: {spec.dataset} has no positions; use random")
    folder = prepared_root / name
    with atomic_file(folder / INDICES) as temporary, temporary.open("wb") as stream:
        np.savez(stream, train=indices.train, validation=indices.validation, test=indices.test)
    parts = {"train": indices.train, "validation": indices.validation, "test": indices.test}
    classes = plugin.classes
    first = SplitIndices(indices.train, indices.validation[:1], indices.test[:1])
    manifest = Manifest(
        name=name,
        spec=spec,
        source=source,
        classes=classes,
        input_shape=plugin.inputs(data, first).train.inputs.shape[1:],
        counts={
            part: tuple(np.bincount(data.labels[index], minlength=len(classes)).tolist())
            for part, index in parts.items()
        },
        digest=digest(spec, data, indices),
    )
    write_text(folder / MANIFEST, manifest.model_dump_json(indent=1) + "\n")
    return manifest


def read_raw(name: str, spec: SplitSpec, raw_root: Path) -> tuple[DataSet, RawData]:
    """The data set's plug-in as the split asks for it, and its raw arrays."""
    plugin = build(DATASETS.get(spec.dataset), spec.parameters, f"split {name}: parameters")
    return plugin, plugin.read(raw_root / spec.dataset)


def read_manifest(prepared_root: Path, name: str) -> Manifest:
    """A split's manifest; raises DataError when it is missing or damaged."""
    path = prepared_root / name / MANIFEST
    try:
        return Manifest.model_validate_json(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise DataError(f"{path}: no such split; `harness data prepare {name}`") from None
    except pydantic.ValidationError as error:
        raise DataError(explain(error, str(path))) from None


def read_indices(prepared_root: Path, name: str) -> SplitIndices:
    """A split's indices; raises DataError when they are missing or damaged."""
    path = prepared_root / name / INDICES
    try:
        with np.load(io.BytesIO(path.read_bytes()), allow_pickle=False) as arrays:
            return SplitIndices(arrays["train"], arrays["validation"], arrays["test"])
    except Exception as error:
        raise DataError(f"{path}: not readable ({error!r}); prepare the split again") from None


def digest(spec: SplitSpec, data: RawData, indices: SplitIndices) -> str:
    """Hash of everything that a split's numbers depend on."""
    arrays = (data.values, data.labels, indices.train, indices.validation, indices.test)
    hashes = [hashlib.sha256(array.tobytes()).hexdigest() for array in arrays]
    return content_key([cast(Json, spec.model_dump(mode="json")), *hashes], length=32)
