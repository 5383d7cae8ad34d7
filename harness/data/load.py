"""Load prepared splits as arrays, checked against their digest."""

import dataclasses
from pathlib import Path

from harness.core.errors import DataError
from harness.core.manifest import Manifest
from harness.core.project import Project
from harness.core.result_format import current_format, stored_format
from harness.core.types import Split, TaskName
from harness.data.checks import check_finite
from harness.data.download import FetchProgress
from harness.data.fetch import fetch_files, identify_files
from harness.data.named_splits import find_split
from harness.data.prepare import (
    INDICES_FILE,
    MANIFEST_FILE,
    digest,
    prepare_split,
    read_manifest,
    read_raw,
    read_split_indices,
)
from harness.data.sets import DATASETS


def load(project: Project, name: str) -> Split:
    """Load a split: inputs and labels of its parts.

    Raises
    ------
    DataError
        The split is not prepared, its raw files changed since, or inputs or targets are not finite.
    """
    manifest = read_manifest(project.prepared, name)
    indices = read_split_indices(project.prepared, name)
    plugin, data, _ = read_raw(name, manifest.spec, project.raw)
    found = digest(manifest.spec, data, indices)
    if found != manifest.digest:
        raise DataError(
            f"split {name}: digest {found} found, {manifest.digest} in its manifest: the raw files "
            f"or {INDICES_FILE} changed; `harness data prepare {name}`"
        )
    split = plugin.inputs(data, indices)
    check_finite(name, split)
    return dataclasses.replace(split, digest=manifest.digest)


def task_of_split(splits: Path, name: str) -> TaskName:
    """Task of a split of the file `splits`; raises InputError when there is no such split."""
    return DATASETS.get(find_split(splits, name).dataset).task


def ensure(project: Project, name: str, mirror: Path | None, progress: FetchProgress) -> Manifest:
    """Fetch and prepare a split unless that is done already, and return its manifest.

    A split prepared from another spec, by other code of its data set or in another format is
    prepared again.

    Raises
    ------
    InputError
        There is no such split, or its spec is invalid.
    DataError
        Its files cannot be fetched or changed since, or its manifest is damaged.
    """
    spec = find_split(project.splits, name)
    needed = [project.prepared / name / INDICES_FILE, project.prepared / name / MANIFEST_FILE]
    files = DATASETS.get(spec.dataset).files
    needed += [project.raw / spec.dataset / file.name for file in files]
    if all(path.is_file() for path in needed) and stored_format(needed[1]) in (
        None,
        current_format(),
    ):
        manifest = read_manifest(project.prepared, name)
        identify_files(spec.dataset, files, project.raw / spec.dataset)
        if (manifest.spec, manifest.code) == (spec, DATASETS.source_digest(spec.dataset)):
            return manifest
    fetch_files(spec.dataset, project.raw, mirror, progress)
    return prepare_split(name, spec, project.raw, project.prepared)
