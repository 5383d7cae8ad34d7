"""The lock that lets one launch of a study in at a time, in the study's database.

An advisory lock of PostgreSQL, held by a connection of its own: the server frees it as soon as that
is gone, however the launch ended, and on whatever machine it ran. The table `harness_holders` only
names the holder.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from sqlalchemy import Connection, text
from sqlalchemy.engine import URL
from sqlalchemy.exc import SQLAlchemyError

from harness.core.errors import InputError
from harness.core.files import content_key
from harness.core.waiting import waiting
from harness.results.launch_lock import PATIENCE, Holder, this_process
from harness.study.storages.address import lasting_connection, shown_address

_TABLE = text(
    "CREATE TABLE IF NOT EXISTS harness_holders "
    "(study text PRIMARY KEY, host text NOT NULL, pid bigint NOT NULL, since text NOT NULL)"
)
_ENTER = text(
    "INSERT INTO harness_holders VALUES (:study, :host, :pid, :since) ON CONFLICT (study) "
    "DO UPDATE SET host = excluded.host, pid = excluded.pid, since = excluded.since"
)
_LEAVE = text("DELETE FROM harness_holders WHERE study = :study")
_HOLDER = text("SELECT host, pid, since FROM harness_holders WHERE study = :study")
_TABLES = text("SELECT 1 FROM pg_tables WHERE tablename = 'harness_holders'")


class AdvisoryLock:
    """Holds a study in its database, against launches from other folders and machines.

    Raises
    ------
    InputError
        Another launch holds it: the message says which.
    SQLAlchemyError
        The database is out of reach, here and in all methods.
    """

    def __init__(self, url: URL, study: str) -> None:
        self._url, self._study = url, study
        self._key = _number(f"study {study}")
        self._connection = self._taken()

    def ensure(self) -> None:
        """Take the lock again where its connection was lost; errors as of the lock itself."""
        try:
            self._connection.execute(text("SELECT 1"))
        except SQLAlchemyError:
            self._closed(self._connection)
            self._connection = self._taken()

    @contextmanager
    def tables(self) -> Iterator[None]:
        """Keep other launches, of any study, from making tables while the block runs."""
        key = {"key": _number("tables")}
        with waiting(f"waiting for a launch that makes tables on {shown_address(self._url)}"):
            self._connection.execute(text("SELECT pg_advisory_lock(:key)"), key)
        try:
            yield
        finally:
            with suppress(SQLAlchemyError):  # lost with its connection
                self._connection.execute(text("SELECT pg_advisory_unlock(:key)"), key)

    def release(self) -> None:
        """Give the study free."""
        with suppress(SQLAlchemyError):  # it is free once the connection is gone
            self._connection.execute(_LEAVE, {"study": self._study})
        self._closed(self._connection)

    def _taken(self) -> Connection:
        with waiting(f"connecting to {shown_address(self._url)}"):
            connection = lasting_connection(self._url, f"harness launch {self._study}")
        try:
            if not self._locked(connection):
                raise _held(connection, self._url, self._study)
            self._enter(connection)
        except BaseException:
            self._closed(connection)
            raise
        return connection

    def _locked(self, connection: Connection) -> bool:
        """Whether the lock could be taken: that of a killed launch is freed in an instant."""
        deadline = time.monotonic() + PATIENCE
        ask = text("SELECT pg_try_advisory_lock(:key)")
        while not connection.scalar(ask, {"key": self._key}):
            if time.monotonic() > deadline:
                return False
            time.sleep(0.1)
        return True

    def _enter(self, connection: Connection) -> None:
        if not connection.scalar(_TABLES):
            # Of two that make a table at once, one would fail.
            key = {"key": _number("tables")}
            with waiting(f"waiting for a launch that makes tables on {shown_address(self._url)}"):
                connection.execute(text("SELECT pg_advisory_lock(:key)"), key)
            connection.execute(_TABLE)
            connection.execute(text("SELECT pg_advisory_unlock(:key)"), key)
        holder = this_process()
        connection.execute(_ENTER, {"study": self._study, **holder.model_dump()})

    @staticmethod
    def _closed(connection: Connection) -> None:
        with suppress(SQLAlchemyError):
            connection.close()
        connection.engine.dispose()


def check_free(connection: Connection, url: URL, study: str) -> None:
    """Refuse a study that a launch holds; writes nothing.

    Raises
    ------
    InputError
        The message says which launch.
    SQLAlchemyError
        The database is out of reach.
    """
    key = {"key": _number(f"study {study}")}
    if not connection.scalar(text("SELECT pg_try_advisory_lock(:key)"), key):
        raise _held(connection, url, study)
    connection.execute(text("SELECT pg_advisory_unlock(:key)"), key)


def _held(connection: Connection, url: URL, study: str) -> InputError:
    return InputError(
        f"{shown_address(url)}: another launch of study {study} is running"
        f"{_holder(connection, study)}; wait for it or stop it"
    )


def _holder(connection: Connection, study: str) -> str:
    with suppress(SQLAlchemyError):  # no table yet
        row = connection.execute(_HOLDER, {"study": study}).first()
        if row:
            return f" ({Holder(host=row.host, pid=row.pid, since=row.since).words})"
    return ""


def _number(of: str) -> int:
    """Key of an advisory lock: a positive number of 60 bits."""
    return int(content_key(["harness", of], length=15), 16)
