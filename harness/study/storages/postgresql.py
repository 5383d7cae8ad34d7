"""A study's Optuna studies in a PostgreSQL database, through Optuna's RDB storage."""

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import ClassVar

import optuna
from optuna.exceptions import StorageInternalError
from optuna.storages import RDBStorage
from sqlalchemy.engine import URL
from sqlalchemy.exc import InterfaceError, OperationalError, SQLAlchemyError

from harness.core.errors import DataError, HarnessError, InputError
from harness.core.urls import without_secrets
from harness.study.storages import REMEDY, Found, StudyStorage
from harness.study.storages.address import CONNECT, parse_address, shown_address
from harness.study.storages.advisory_lock import AdvisoryLock

PATIENCE = 120.0
"""Seconds that a launch waits for a server that does not answer: a restart takes less."""
_PAUSE = 1.0
_LOG = logging.getLogger(__name__)


class Database(StudyStorage):
    """The studies of one name in a database that others may use too, held by this launch.

    Parameters
    ----------
    url
        Of a database on which the launch may make tables.
    check_stop
        Raises `Stopped` once the launch was asked to stop; called while it waits for the server.
    """

    shared: ClassVar[bool] = True

    def __init__(self, url: URL, study: str, check_stop: Callable[[], None]) -> None:
        self.name = shown_address(url)
        self._url, self._study, self._check_stop = url, study, check_stop
        self._lock = AdvisoryLock(url, study)
        try:
            with self._lock.tables():
                self._backend = RDBStorage(
                    url.render_as_string(hide_password=False),
                    engine_kwargs={"pool_pre_ping": True, "connect_args": CONNECT},
                )
        except BaseException:
            self._lock.release()
            raise

    def close(self) -> None:
        """Give the study free and close all connections."""
        self._lock.release()
        self._backend.engine.dispose()

    def prepare(self) -> None:
        """It is ready."""

    def backend(self) -> RDBStorage:
        """Optuna's storage in the database."""
        return self._backend

    def exists(self) -> bool:
        """Whether the database holds any of the study's Optuna studies."""
        return bool(self._names())

    def read(self) -> dict[str, optuna.Study]:
        """The Optuna studies by regime."""
        names = self._names()
        if not names:
            raise DataError(f"{self.name}: no study {self._study} in this database; {REMEDY}")
        return {
            name.rpartition("/")[2]: optuna.load_study(study_name=name, storage=self._backend)
            for name in names
        }

    def check_end(self) -> None:
        """What is written is whole: a transaction each."""

    @contextmanager
    def sound(self) -> "Iterator[Database]":
        """The database itself: it has no order in which it could be damaged."""
        yield self

    @contextmanager
    def made_anew(self) -> "Iterator[Database]":
        """The database without the study's Optuna studies."""
        self.discard()
        yield self

    def discard(self) -> None:
        """Delete the study's Optuna studies."""
        for name in self._names():
            optuna.delete_study(study_name=name, storage=self._backend)

    def patiently(self, work: Callable[[], Found]) -> Found:
        """Do some work, again where the connection was cut or the server restarted meanwhile."""
        deadline: float | None = None
        while True:
            try:
                self._lock.ensure()
                found = work()
            except (SQLAlchemyError, StorageInternalError, KeyError) as error:
                if not _out_of_reach(error):
                    raise HarnessError(self._said(error)) from None
                if deadline is None:
                    deadline = time.monotonic() + PATIENCE
                    _LOG.warning("%s; waiting up to %d seconds for it", self._said(error), PATIENCE)
                elif time.monotonic() > deadline:
                    raise HarnessError(
                        f"{self._said(error)}, for {PATIENCE:.0f} seconds; every trial that "
                        "finished is kept: run the command again once it answers"
                    ) from None
            else:
                if deadline is not None:
                    _LOG.warning("%s answers again", self.name)
                return found
            self._check_stop()
            time.sleep(_PAUSE)

    def _names(self) -> list[str]:
        every = optuna.get_all_study_names(self._backend)
        return [name for name in every if name.rpartition("/")[0] == self._study]

    def _said(self, error: Exception) -> str:
        if isinstance(error, KeyError):
            return f"{self.name}: study {self._study} was deleted there; run the command again"
        return f"{self.name}: {database_fault(error)}"


@contextmanager
def held_database(given: str, study: str, check_stop: Callable[[], None]) -> Iterator[Database]:
    """Hold a study in the database of an address while the block runs.

    Raises
    ------
    InputError
        The address is not accepted, the server does not answer or refuses, its tables are another
        Optuna's, or another launch holds the study.
    """
    url = parse_address(given)
    try:
        database = Database(url, study, check_stop)
    except (SQLAlchemyError, StorageInternalError, RuntimeError) as error:
        raise InputError(f"--storage {shown_address(url)}: {database_fault(error)}") from None
    try:
        yield database
    except (SQLAlchemyError, StorageInternalError) as error:
        raise HarnessError(
            f"{database.name}: {database_fault(error)}; every trial that finished is kept: run the "
            "command again"
        ) from None
    finally:
        database.close()


def database_fault(error: BaseException) -> str:
    """What is wrong with a database, in a line without secrets."""
    if isinstance(error, StorageInternalError) and error.__cause__ is not None:
        error = error.__cause__  # Optuna's own words say nothing
    original = getattr(error, "orig", None) or error
    lines = str(original).strip().splitlines() or [type(original).__name__]
    return without_secrets(lines[0])


def _out_of_reach(error: Exception) -> bool:
    """Whether the same may succeed later: the connection was lost, or there is none."""
    cause = error.__cause__ if isinstance(error, StorageInternalError) else error
    return isinstance(cause, (OperationalError, InterfaceError))
