"""Addresses of artifacts after a project was moved, renamed or copied.

MLflow records the absolute address of every run's artifacts when the run is made. The embedded
store lies in the project, beside its artifacts: where it is found elsewhere than it was written,
its addresses lead to nothing, or into the project that it was copied from.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from urllib.parse import unquote

_ADDRESSES = (
    ("experiments", "artifact_location"),
    ("runs", "artifact_uri"),
    ("logged_models", "artifact_location"),
    ("model_versions", "source"),
    ("model_versions", "storage_location"),
    ("trace_tags", "value"),
)
_REWRITE = (
    "UPDATE TABLE SET COLUMN = :new || substr(COLUMN, length(:old) + 1) "
    "WHERE COLUMN = :old OR substr(COLUMN, 1, length(:old) + 1) = :old || '/'"
)
_PATIENCE = 20.0
"""Seconds to wait for another process that writes, as MLflow does."""


def relocate(database: Path, artifacts: Path) -> None:
    """Let all addresses of an embedded store lead to its own artifacts, in one transaction.

    An address in another folder of the same name as `artifacts` is rewritten.

    Parameters
    ----------
    database
        SQLite file; an empty one has nothing to rewrite.
    artifacts
        Folder of this project's artifacts.

    Raises
    ------
    sqlite3.DatabaseError
        The file is damaged (`OperationalError`: it cannot be read or written now).
    """
    own = artifacts.resolve()
    # The connection's own block would end the transaction alone, and leave the file open.
    with closing(sqlite3.connect(database, timeout=_PATIENCE)) as connection, connection:
        tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master")}
        if "experiments" not in tables:
            return
        for old in tuple(_elsewhere(connection, own)):
            new = own.as_uri() if old.startswith("file:") else str(own)
            for table, column in _ADDRESSES:
                if table in tables:
                    statement = _REWRITE.replace("TABLE", table).replace("COLUMN", column)
                    connection.execute(statement, {"old": old, "new": new})


def _elsewhere(connection: sqlite3.Connection, own: Path) -> Iterator[str]:
    """Addresses of folders of artifacts, as recorded, that are not this project's."""
    found = connection.execute("SELECT DISTINCT artifact_location FROM experiments")
    roots = {root for (location,) in found if (root := _root(location or "", own.name))}
    for root in sorted(roots - {own.as_uri(), str(own)}):
        path = Path(unquote(root.removeprefix("file://")) if root.startswith("file:") else root)
        # A folder that is reached by two paths, as from a container, is no other folder.
        if not (path.exists() and own.exists() and path.samefile(own)):
            yield root


def _root(location: str, name: str) -> str | None:
    """The part of a local address up to its last folder of this name."""
    before, found, _ = f"{location}/".rpartition(f"/{name}/")
    return f"{before}/{name}" if found and before.startswith(("/", "file:///")) else None
