"""Fetch raw files from the first source that has them: an installed package, a mirror, the web.

A file is known by its digest, an array by that of its content: a raw file named `.npy` may come
from MATLAB's `.mat` as well, and is kept as `.npy`.
"""

import importlib.metadata
import shutil
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from harness.core.errors import DataError
from harness.core.files import atomic_file, file_digest
from harness.data.containers import array_digest
from harness.data.download import FetchProgress, download
from harness.data.sets import DATASETS, RawFile
from harness.data.source_arrays import read_source_array

_PACKAGE = "package:"


def fetch_files(
    dataset: str, raw_root: Path, mirror: Path | None, progress: FetchProgress, pause: float = 2.0
) -> dict[str, str]:
    """Fetch a data set's files to `raw_root/<dataset>`; the version and the origin of each.

    The folder is made for a data set without files, too.

    Parameters
    ----------
    mirror
        Folder laid out as the data set's loaders expect, read instead of downloading.
    pause
        Seconds before the first repeated attempt at a download; doubles each time.

    Raises
    ------
    DataError
        A file is not in the mirror, cannot be downloaded, copied or written, or its digest is
        unknown: in `raw_root` it is set aside as `<name>.rejected`, elsewhere left alone.
    """
    plugin = DATASETS.get(dataset)
    folder = raw_root / dataset
    mirrored = None if mirror is None else mirror / plugin.folder
    found = {}
    try:
        folder.mkdir(parents=True, exist_ok=True)  # also where nothing is to be fetched
        for file in plugin.files:
            target = folder / file.name
            target.parent.mkdir(parents=True, exist_ok=True)
            there = target.exists()
            origin = "there already" if there else _bring(file, target, mirrored, progress, pause)
            found[file.name] = f"{identify(file, target)}, {origin}"
    except OSError as error:
        raise DataError(f"{folder}: cannot be fetched ({error})") from None
    return found


def identify_files(dataset: str, files: Sequence[RawFile], folder: Path) -> dict[str, str]:
    """The version of each raw file of a data set, identified by its digest.

    Raises
    ------
    DataError
        A file is missing, or its digest is unknown; see `identify`.
    """
    found = {}
    for file in files:
        if not (folder / file.name).is_file():
            raise DataError(f"{folder / file.name}: no such file; `harness data fetch {dataset}`")
        found[file.name] = identify(file, folder / file.name)
    return found


def identify(file: RawFile, path: Path) -> str:
    """The version of a raw file, identified by its digest.

    Raises
    ------
    DataError
        The file cannot be read, or its digest is unknown: then it is renamed to `<name>.rejected`.
    """
    rejected = path.with_name(f"{path.name}.rejected")
    try:
        try:
            return _version(file, path)
        except DataError as error:
            path.replace(rejected)
            raise DataError(f"{error}; the file was set aside as {rejected.name}") from None
    except OSError as error:
        raise DataError(f"{path}: cannot be read ({error})") from None


def _version(file: RawFile, path: Path) -> str:
    """The version of a file wherever it lies; raises DataError where its digest is unknown."""
    is_array = file.name.endswith(".npy")
    found = array_digest(read_source_array(path)) if is_array else f"sha256:{file_digest(path)}"
    for digest, meaning in file.known:
        if digest == found:
            return meaning
    listed = " or ".join(f"{digest} ({meaning})" for digest, meaning in file.known)
    expected = listed or "none: the data set lists no `known` digest of this file, and one is"
    raise DataError(f"{path}: digest {found} found, {expected} expected")


def _bring(
    file: RawFile, target: Path, mirrored: Path | None, progress: FetchProgress, pause: float
) -> str:
    """Bring a file to `target` from the first source that has it, and say which that is."""
    beside = _containers(target)[-1]
    note = ""
    if beside.is_file():  # put there by hand, or kept by a version that kept .mat files
        try:
            return _convert(file, beside, target)
        except DataError:
            note = f" ({beside.name} was not what is expected: set aside as {beside.name}.rejected)"
    if (installed := _installed(file)) is not None:
        source, origin = installed
    elif mirrored is not None:
        source = _in_mirror(mirrored / file.name)
        origin = str(source)
    else:
        web = [url for url in file.urls if not url.startswith(_PACKAGE)]
        origin = download(web, beside, progress, pause)
        _convert(file, beside, target)
        return f"from {origin}{note}"
    try:
        _version(file, source)
    except DataError as error:
        raise DataError(f"{error}; {_remedy(file)}") from None
    _store(source, target)
    size = target.stat().st_size
    progress(f"{file.name} from {origin}{note}", size, size)
    return f"from {origin}{note}"


def _containers(path: Path) -> tuple[Path, ...]:
    """Where the content of a raw file may lie: an array is in either container."""
    return (path, path.with_suffix(".mat")) if path.suffix == ".npy" else (path,)


def _installed(file: RawFile) -> tuple[Path, str] | None:
    """The file in an installed package, found without importing it; with name and version."""
    for url in file.urls:
        if url.startswith(_PACKAGE):
            name = _package_of(url)
            try:
                package = importlib.metadata.distribution(name)
            except importlib.metadata.PackageNotFoundError:
                continue
            path = Path(str(package.locate_file(url.removeprefix(_PACKAGE))))
            if path.is_file():
                return path, f"{name} {package.version}"
    return None


def _package_of(url: str) -> str:
    return url.removeprefix(_PACKAGE).partition("/")[0]


def _in_mirror(path: Path) -> Path:
    """A file of a mirror; what it lacks is not downloaded behind the user's back."""
    for container in _containers(path):
        if container.is_file():
            return container
    missing = path if path.parent.is_dir() else path.parent
    names = " or ".join(container.name for container in _containers(path))
    raise DataError(
        f"{missing}: not in the mirror, which --mirror or HARNESS_DATA_MIRROR names; put "
        f"{names} there, or leave the mirror out to download it"
    )


def _remedy(file: RawFile) -> str:
    """Where the right content of a file can be had."""
    install = "pip install --force-reinstall --no-deps"
    places = [
        f"in the package {_package_of(url)} (`{install} {_package_of(url)}`)"
        if url.startswith(_PACKAGE)
        else f"at {url}"
        for url in file.urls
    ]
    return f"the file that is expected lies {' and '.join(places)}"


def _convert(file: RawFile, container: Path, target: Path) -> str:
    """Make what lies beside `target`, in a container of its own, the raw file; says from what."""
    identify(file, container)
    if container != target:
        _store(container, target)
        container.unlink()
    return f"from {container.name}"


def _store(source: Path, target: Path) -> None:
    """Write a source's content to `target`: bytes as they are, an array in one way."""
    with atomic_file(target) as temporary:
        if target.suffix == ".npy":
            np.save(temporary, read_source_array(source), allow_pickle=False)
        else:
            shutil.copyfile(source, temporary)
