"""Parcels: a finished folder as bytes, for a worker that shares no file system."""

import io
import zipfile
from collections.abc import Collection
from pathlib import Path

from harness.core.errors import DataError

LARGEST = 2**30
"""Most bytes of the files in a parcel: weights and outputs take tens of megabytes."""


def pack(folder: Path) -> bytes:
    """The files of a folder, which has no folders in it."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_STORED) as archive:
        for path in sorted(folder.iterdir()):
            archive.write(path, path.name)
    return stream.getvalue()


def unpack(parcel: bytes, folder: Path, allowed: Collection[str]) -> None:
    """Write the files of a parcel into a folder.

    Parameters
    ----------
    allowed
        Names of the files that may be in it.

    Raises
    ------
    DataError
        The parcel is damaged or too large, or holds a name that is not allowed or comes twice.
        Then nothing is written but whole files of allowed names.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(parcel)) as archive:
            entries = archive.infolist()
            _check(entries, allowed)
            for entry in entries:
                # Its size was checked as it is declared; zipfile reads no more, and its checksum.
                (folder / entry.filename).write_bytes(archive.read(entry))
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError) as error:
        raise DataError(f"a parcel of a worker is damaged ({error})") from None


def _check(entries: list[zipfile.ZipInfo], allowed: Collection[str]) -> None:
    names = [entry.filename for entry in entries]
    if strange := sorted(set(names) - set(allowed)):
        raise DataError(f"a parcel of a worker holds {strange[0]!r}, which no result has")
    if len(set(names)) < len(names):
        raise DataError("a parcel of a worker holds a file twice")
    if sum(entry.file_size for entry in entries) > LARGEST:
        raise DataError(f"a parcel of a worker holds more than {LARGEST} bytes")
