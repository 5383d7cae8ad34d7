"""What a launch would refuse, found out beforehand: nothing is trained and nothing written."""

import socket
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from harness.core.errors import DataError, InputError
from harness.core.files import file_digest
from harness.core.manifest import Manifest, SplitSpec
from harness.core.project import Project
from harness.core.result_format import current_format, stored_format
from harness.core.study_spec import StudySpec
from harness.core.urls import without_secrets
from harness.data.containers import array_digest
from harness.data.load import load
from harness.data.named_splits import find_split
from harness.data.prepare import INDICES_FILE, MANIFEST_FILE, read_manifest
from harness.data.sets import DATASETS, RawFile
from harness.data.source_arrays import read_source_array
from harness.results.growth import Growth
from harness.results.launch_lock import check_free
from harness.results.study_record import read_header
from harness.study.checks import (
    check_networks,
    check_workers,
    network_notes,
    stacking_notes,
    window_notes,
)
from harness.study.resume import check_same, new_record
from harness.study.run import LaunchOptions
from harness.study.storages.glance import glance

_PACKAGE = "package:"
_ANSWER_SECONDS = 5.0
_UNPREPARED = (
    "a launch fetches and prepares it first; whether the backbone reads its samples is seen then"
)


@dataclass(frozen=True)
class LaunchPreview:
    """What a launch would find.

    Attributes
    ----------
    notes
        Remarks on it.
    growth
        What a stored study consisted of before it was given regimes or seeds.
    """

    notes: tuple[str, ...]
    growth: tuple[Growth, ...] = ()


def check_launch(
    project: Project, study: StudySpec, where: str, options: LaunchOptions, mirror: Path | None
) -> LaunchPreview:
    """Refuse what `run_study` would refuse at its start; what it would find.

    Parameters
    ----------
    where
        Names the study in messages: its file.
    mirror
        Folder from which missing data would be fetched.

    Raises
    ------
    InputError
        There are more workers than the study's window, a launch holds the study, a different one of
        this name is stored and is not to be restarted, its data are damaged or cannot be fetched,
        the backbone does not read them, or the scheduler or the database does not answer.
    """
    check_workers(study, len(options.slots))
    folder = project.results / study.name
    check_free(folder)
    if options.cluster is not None and options.cluster.scheduler:
        _check_scheduler(options.cluster.scheduler)
    manifest = prepared_manifest(project, study.split, mirror)
    notes = (
        (f"split {study.split} is not prepared: {_UNPREPARED}",)
        if manifest is None
        else (
            *network_notes(study, check_networks(study, manifest.shape, where)),
            *stacking_notes(study, manifest.shape),
            *window_notes(study),
        )
    )
    storage, data = glance(options.storage, folder), manifest or _stored(folder)
    if data is None or options.restart:
        return LaunchPreview(notes)
    record = check_same(folder, new_record(study, data, options.slots[0].kind), storage)
    return LaunchPreview(notes, record.growth)


def _stored(folder: Path) -> Manifest | None:
    """The data of a stored study, which say of one that is not prepared here all that counts."""
    try:
        return read_header(folder).manifest
    except InputError:
        return None


def prepared_manifest(project: Project, name: str, mirror: Path | None) -> Manifest | None:
    """The manifest of a split, whose data are loaded once; None where it is not prepared.

    Raises
    ------
    DataError
        Raw files are damaged, or cannot be had from the mirror; or what is prepared is damaged.
    """
    spec, folder = find_split(project.splits, name), project.prepared / name
    raw, files = project.raw / spec.dataset, DATASETS.get(spec.dataset).files
    for file in files:
        _check_raw(file, raw / file.name, spec, mirror)
    prepared = all((folder / each).is_file() for each in (INDICES_FILE, MANIFEST_FILE))
    there = prepared and all((raw / file.name).is_file() for file in files)
    if not there or stored_format(folder / MANIFEST_FILE) not in {None, current_format()}:
        return None
    manifest = read_manifest(project.prepared, name)
    if (manifest.spec, manifest.code) != (spec, DATASETS.source_digest(spec.dataset)):
        return None  # a launch prepares it anew
    load(project, name)
    return manifest


def _check_raw(file: RawFile, path: Path, spec: SplitSpec, mirror: Path | None) -> None:
    """Refuse a raw file that a launch would refuse, which it moves aside; raises DataError."""
    if path.is_file():
        array = path.suffix == ".npy"
        found = array_digest(read_source_array(path)) if array else f"sha256:{file_digest(path)}"
        if found not in dict(file.known):
            raise DataError(f"{path}: its digest {found} is not one of {spec.dataset}'s")
        return
    if mirror is None or any(url.startswith(_PACKAGE) for url in file.urls):
        return  # fetched at launch
    folder = mirror / DATASETS.get(spec.dataset).folder
    places = [path.with_suffix(".mat"), *_containers(folder / file.name)]
    if not any(place.is_file() for place in places):
        raise DataError(f"{folder / file.name}: not in the mirror, from which a launch fetches it")


def _containers(path: Path) -> tuple[Path, ...]:
    return (path, path.with_suffix(".mat")) if path.suffix == ".npy" else (path,)


def _check_scheduler(address: str) -> None:
    """Refuse a scheduler that nobody listens for; raises InputError."""
    where = urlsplit(address)
    try:
        with socket.create_connection((where.hostname or "", where.port or 0), _ANSWER_SECONDS):
            return
    except OSError as error:
        reason = error.strerror or error
        raise InputError(f"--scheduler {without_secrets(address)}: no answer ({reason})") from None
