"""Where MLflow keeps its runs, and how it is opened."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import filelock
from mlflow.tracking import MlflowClient

from harness.core.errors import InputError
from harness.core.urls import without_secrets
from harness.core.waiting import waiting
from harness.tracking.relocation import relocate

_SCHEME = "sqlite:///"
_PATIENCE = 60.0
"""Seconds to wait for another process that opens the store; making its tables takes two."""


@dataclass(frozen=True)
class Store:
    """Where MLflow keeps its runs.

    Attributes
    ----------
    uri
        Tracking URI, such as `sqlite:///results/mlflow.db` or a server's address. It may hold a
        password: print `shown`.
    artifacts
        Folder for the artifacts of a project's embedded store; None leaves them to the server.
    """

    uri: str
    artifacts: Path | None

    @property
    def shown(self) -> str:
        """The URI without user, password and token."""
        return without_secrets(self.uri)


def open_client(store: Store) -> MlflowClient:
    """A client of the store; an embedded one is made ready, and follows its project when it moved.

    Raises
    ------
    InputError
        The embedded store is damaged, or cannot be read or written. MLflow's own errors pass
        through.
    """
    if store.artifacts is None:
        return MlflowClient(store.uri)
    database = _database(store)
    try:
        with _held(database), waiting("opening MLflow's store"):
            if not database.exists():
                _make(database)
            _check(database)
            relocate(database, store.artifacts)
            return MlflowClient(store.uri)
    except filelock.Timeout as error:
        raise InputError(f"{error.lock_file}: held by another process for a minute") from None
    except sqlite3.OperationalError as error:
        raise InputError(f"{database}: MLflow's database cannot be used now ({error})") from None
    except sqlite3.DatabaseError as error:
        raise InputError(
            f"{database}: MLflow's database is damaged ({error}); move it aside, and `harness sync "
            "STUDY` logs all trials of a study anew"
        ) from None


def follow_project(store: Store) -> None:
    """Let an embedded store lead to its project again, where another process moved it meanwhile.

    A container may see the project under another path: who opened the store last decides where
    the artifacts of the next run go. Errors of `relocate` pass through.
    """
    if store.artifacts is not None:
        relocate(_database(store), store.artifacts)


@contextmanager
def _held(database: Path) -> Iterator[None]:
    """Keep others from opening a store: two that make the tables of a new one would break it."""
    lock = filelock.FileLock(database.with_name(".mlflow.lock"), timeout=_PATIENCE)
    with waiting(f"waiting for another process that opens {database}"):
        lock.acquire()
    try:
        yield
    finally:
        lock.release()


def _database(store: Store) -> Path:
    return Path(store.uri.removeprefix(_SCHEME))


def _make(database: Path) -> None:
    """Make an embedded store whole or not at all: its tables take MLflow two seconds."""
    half = database.with_name(".mlflow.db.new")
    half.unlink(missing_ok=True)
    MlflowClient(f"{_SCHEME}{half}")
    half.replace(database)


def _check(database: Path) -> None:
    """Raise sqlite3.DatabaseError where pages of the file are damaged."""
    with closing(sqlite3.connect(database)) as connection:
        (found,) = connection.execute("PRAGMA quick_check(1)").fetchone()
    if found != "ok":
        raise sqlite3.DatabaseError(found)
