"""Databases on a real PostgreSQL server, one for each test that asks for one.

`HARNESS_TEST_POSTGRES` is the address of a database on the server whose user may create others.
"""

import contextlib
import os
import uuid
from dataclasses import dataclass

import psycopg
import pytest

SERVER = os.environ.get("HARNESS_TEST_POSTGRES", "postgresql://postgres@127.0.0.1:5432/postgres")


@dataclass(frozen=True)
class Scratch:
    """A database of a test's own."""

    name: str

    @property
    def url(self) -> str:
        """Its address, as `--storage` takes it."""
        return SERVER.rpartition("/")[0] + "/" + self.name

    def ask(self, statement: str, *values: object) -> list[tuple[object, ...]]:
        """The rows of a statement in it."""
        with psycopg.connect(self.url, autocommit=True) as connection:
            found = connection.execute(statement, values)
            return found.fetchall() if found.description else []

    def cut(self) -> int:
        """End all connections to it, as an administrator would; how many there were."""
        with psycopg.connect(SERVER, autocommit=True) as connection:
            ended = connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s",
                [self.name],
            )
            return len(ended.fetchall())

    def closed(self) -> None:
        """Let nobody in, as while the server restarts."""
        _on_server(f'ALTER DATABASE "{self.name}" ALLOW_CONNECTIONS false')
        self.cut()

    def opened(self) -> None:
        """Let everybody in again."""
        _on_server(f'ALTER DATABASE "{self.name}" ALLOW_CONNECTIONS true')

    def emptied(self) -> None:
        """Drop it and make it again."""
        self.dropped()
        self.made()

    def made(self) -> None:
        """Make it."""
        _on_server(f'CREATE DATABASE "{self.name}"')

    def dropped(self) -> None:
        """Drop it, with all connections to it."""
        _on_server(f'DROP DATABASE IF EXISTS "{self.name}" WITH (FORCE)')


def _on_server(statement: str) -> None:
    with psycopg.connect(SERVER, autocommit=True) as connection:
        connection.execute(statement)


@contextlib.contextmanager
def scratch():
    """An empty database; tests that need one are skipped where no server answers."""
    found = Scratch(f"harness_test_{uuid.uuid4().hex[:12]}")
    try:
        found.made()
    except psycopg.OperationalError as error:
        pytest.skip(f"HARNESS_TEST_POSTGRES: no PostgreSQL server ({error})".splitlines()[0])
    try:
        yield found
    finally:
        found.dropped()


@pytest.fixture
def database():
    """An empty database."""
    with scratch() as found:
        yield found


@pytest.fixture
def tracking_database():
    """Another one, for MLflow."""
    with scratch() as found:
        yield found
