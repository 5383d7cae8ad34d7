"""Fetch raw files: from disk if present, else from a mirror folder, else by download."""

import gzip
import hashlib
import http
import http.client
import shutil
import time
import urllib.error
import urllib.request
import zlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeAlias

from harness.core.errors import DataError
from harness.core.files import atomic_file, file_digest
from harness.data.sets import DATASETS, RawFile

FetchProgress: TypeAlias = Callable[[str, int, int], None]
"""Called with a file's name, the bytes received and the bytes expected (0: unknown)."""

_ATTEMPTS = 4
_CHUNK = 1 << 18
_TIMEOUT = 30.0
_FAULTS = (OSError, EOFError, http.client.HTTPException, zlib.error)
"""Errors of a broken connection or a damaged archive, after which a download is repeated."""


def fetch_files(
    dataset: str, raw_root: Path, mirror: Path | None, progress: FetchProgress, pause: float = 2.0
) -> dict[str, str]:
    """Fetch a data set's files to `raw_root/<dataset>` and return the version of each.

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
        unknown: it is set aside as `<name>.rejected`.
    """
    plugin = DATASETS.get(dataset)
    folder = raw_root / dataset
    found = {}
    try:
        folder.mkdir(parents=True, exist_ok=True)  # also where nothing is to be fetched
        for file in plugin.files:
            target = folder / file.name
            if not target.exists():
                target.parent.mkdir(parents=True, exist_ok=True)
                if mirror is None:
                    _download(file, target, progress, pause)
                else:
                    _copy(mirror / plugin.folder / file.name, target)
            found[file.name] = identify(file, target)
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
        digests = {f"sha256:{file_digest(path)}", f"blob:{_blob_digest(path)}"}
        for digest, meaning in file.known:
            if digest in digests:
                return meaning
        path.replace(rejected)
    except OSError as error:
        raise DataError(f"{path}: cannot be read ({error})") from None
    expected = " or ".join(f"{digest} ({meaning})" for digest, meaning in file.known)
    raise DataError(
        f"{path}: digest {' = '.join(sorted(digests))} found, {expected} expected; "
        f"the file was set aside as {rejected.name}"
    )


def _blob_digest(path: Path) -> str:
    """Git's blob hash of a file's content."""
    content = path.read_bytes()
    header = b"blob %d\0" % len(content)
    return hashlib.sha1(header + content, usedforsecurity=False).hexdigest()


def _copy(source: Path, target: Path) -> None:
    """Copy a file of a mirror; what it lacks is not downloaded behind the user's back."""
    if not source.is_file():
        missing = source if source.parent.is_dir() else source.parent
        raise DataError(
            f"{missing}: not in the mirror, which --mirror or HARNESS_DATA_MIRROR names; put "
            f"{source.name} there, or leave the mirror out to download it"
        )
    with atomic_file(target) as temporary:
        shutil.copyfile(source, temporary)


def _download(file: RawFile, target: Path, progress: FetchProgress, pause: float) -> None:
    faults = []
    for attempt in range(_ATTEMPTS):
        for url in file.urls:
            part = target.with_name(f"{Path(url).name}.part")
            try:
                _resume(url, part, progress)
                _unpack(part, target)
            except _FAULTS as error:
                faults.append(f"{url}: {str(error) or type(error).__name__}")
            else:
                return
        if attempt < _ATTEMPTS - 1:
            time.sleep(pause * 2**attempt)
    raise DataError(
        f"{target}: cannot be downloaded ({'; '.join(dict.fromkeys(faults))}); put it there by "
        "hand, or name a folder that holds it with --mirror or HARNESS_DATA_MIRROR"
    )


def _resume(url: str, part: Path, progress: FetchProgress) -> None:
    """Download to `part`, resuming where an earlier attempt stopped."""
    have = part.stat().st_size if part.exists() else 0
    request = urllib.request.Request(url)  # noqa: S310 -- addresses are constants of the plug-ins
    if have:
        request.add_header("Range", f"bytes={have}-")
    try:
        with urllib.request.urlopen(request, timeout=_TIMEOUT) as response:  # noqa: S310
            partial = response.status == http.HTTPStatus.PARTIAL_CONTENT
            have = have if partial else 0
            total = have + int(response.headers.get("Content-Length", 0))
            with part.open("ab" if partial else "wb") as stream:
                while chunk := response.read(_CHUNK):
                    have += stream.write(chunk)
                    progress(part.name, have, total)
    except urllib.error.HTTPError as error:
        # A range that begins at the end of the file: it is complete.
        if error.code != http.HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE:
            raise
    else:
        if total and have < total:
            raise EOFError(f"{have} of {total} bytes received")


def _unpack(part: Path, target: Path) -> None:
    """Unpack a complete download to `target`; a damaged archive is downloaded again."""
    try:
        with atomic_file(target) as temporary:
            if part.name.endswith(".gz.part"):
                with gzip.open(part) as packed, temporary.open("wb") as stream:
                    shutil.copyfileobj(packed, stream)
            else:
                shutil.copyfile(part, temporary)
    finally:
        part.unlink()
