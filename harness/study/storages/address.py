"""The address of a study's database: what is accepted, and how it is connected to."""

from sqlalchemy import Connection, Engine, create_engine, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.pool import NullPool

from harness.core.errors import InputError
from harness.core.urls import without_secrets

SCHEME = "postgresql+psycopg"
_ALLOWED = f"allowed: {SCHEME}://HOST:PORT/DATABASE, with USER@ before HOST where need be"

CONNECT: dict[str, int] = {
    "connect_timeout": 10,
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
    "tcp_user_timeout": 60_000,
}
"""So that a launch notices within a minute that the server's machine is gone [s; the last ms]."""

_SESSION = text(
    "SELECT set_config(name, wanted, false) FROM pg_settings JOIN (VALUES "
    "('tcp_keepalives_idle', '30'), ('tcp_keepalives_interval', '10'), "
    "('tcp_keepalives_count', '3'), ('idle_session_timeout', '0')) AS asked (name, wanted) "
    "USING (name)"
)
"""So that the server notices within a minute that the launch's machine is gone, and keeps a
connection that is idle while networks train; older servers lack the last setting."""


def parse_address(given: str) -> URL:
    """The address of a PostgreSQL database as SQLAlchemy takes it.

    Raises
    ------
    InputError
        It is none, it is of another kind of database, or psycopg is not installed.
    """
    shown = without_secrets(given)
    if given.count("@") > 1:
        raise InputError(f"--storage: more than one @: write one of a password as %40; {_ALLOWED}")
    try:
        found = make_url(given)
    except (ArgumentError, ValueError):
        raise InputError(f"--storage {shown}: no database's address; {_ALLOWED}") from None
    if found.drivername not in {SCHEME, "postgresql"}:
        raise InputError(
            f"--storage {shown}: {found.drivername} is not supported; {_ALLOWED} "
            "(without --storage the study is kept in results/STUDY/optuna.journal)"
        )
    if not found.database:
        raise InputError(f"--storage {shown}: it names no database; {_ALLOWED}")
    try:
        import psycopg  # noqa: F401
    except ImportError as error:
        why = str(error).splitlines()[0]
        raise InputError(
            f"--storage {shown}: {why}; pip install 'harness[postgres]' provides psycopg"
        ) from None
    return found.set(drivername=SCHEME)


def shown_address(url: URL) -> str:
    """The address without user, password and parameters."""
    return str(URL.create("postgresql", None, None, url.host, url.port, url.database))


def lasting_connection(url: URL, application: str) -> Connection:
    """A connection of its own that commits each statement and is to be kept open."""
    engine: Engine = create_engine(
        url,
        poolclass=NullPool,
        isolation_level="AUTOCOMMIT",
        connect_args={**CONNECT, "application_name": application[:63]},
    )
    connection = engine.connect()
    connection.execute(_SESSION)
    return connection
