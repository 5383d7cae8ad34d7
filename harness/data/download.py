"""Download a file, with progress, resume and repeated attempts."""

import gzip
import http
import http.client
import shutil
import time
import urllib.error
import urllib.parse
import urllib.request
import zlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeAlias

from harness.core.errors import DataError
from harness.core.files import atomic_file

FetchProgress: TypeAlias = Callable[[str, int, int], None]
"""Called with a file's name and origin, the bytes received and those expected (0: unknown)."""

_ATTEMPTS = 4
_CHUNK = 1 << 18
_TIMEOUT = 30.0
_FAULTS = (OSError, EOFError, http.client.HTTPException, zlib.error)
"""Errors of a broken connection or a damaged archive, after which a download is repeated."""


def download(urls: Sequence[str], target: Path, progress: FetchProgress, pause: float) -> str:
    """Download to `target` from the first address that gives it; gunzip what ends in `.gz`.

    Returns the address.

    Parameters
    ----------
    pause
        Seconds before the first repeated attempt; doubles each time.

    Raises
    ------
    DataError
        No address gives the file.
    """
    faults = []
    for attempt in range(_ATTEMPTS):
        for url in urls:
            part = target.with_name(f"{Path(url).name}.part")
            try:
                _resume(url, part, progress)
                _unpack(part, target)
            except _FAULTS as error:
                faults.append(f"{url}: {str(error) or type(error).__name__}")
            else:
                return url
        if attempt < _ATTEMPTS - 1:
            time.sleep(pause * 2**attempt)
    raise DataError(
        f"{target}: cannot be downloaded ({'; '.join(dict.fromkeys(faults))}); put it there by "
        "hand, or name a folder that holds it with --mirror or HARNESS_DATA_MIRROR"
    )


def _resume(url: str, part: Path, progress: FetchProgress) -> None:
    """Download to `part`, resuming where an earlier attempt stopped."""
    label = f"{Path(url).name} from {urllib.parse.urlsplit(url).hostname}"
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
                    progress(label, have, total)
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
