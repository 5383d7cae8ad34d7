"""All calls of MLflow that log one run, as one transaction of its database.

MLflow gives each call a session, a connection and a commit of its own, and waits for the disk each
time. SQLAlchemy's recipe for sessions that join an outer transaction makes one of them: the fields
of MLflow's store that it needs are those of 3.17, to which the package is pinned.
"""

import copy
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol

from mlflow.store.tracking.sqlalchemy_store import SqlAlchemyStore
from mlflow.tracking import MlflowClient
from mlflow.tracking._tracking_service.client import TrackingServiceClient
from sqlalchemy import Connection
from sqlalchemy.orm import Session, sessionmaker


@contextmanager
def one_transaction(client: MlflowClient) -> Iterator[MlflowClient]:
    """A client of the same store whose calls take effect all together at the end, or none.

    That is where MLflow writes to a database itself, the embedded store among them; a server's
    calls take effect one by one, as ever. Another writer waits until the end.
    """
    store = client._tracking_client.store
    if not isinstance(store, SqlAlchemyStore):
        yield client
        return
    # MLflow's own session begins and ends it, with its settings of the connection and its errors.
    with store.ManagedSessionMaker(read_only=False) as session:
        # Copies: all threads of a process share MLflow's store of an address.
        joined_store, joined = copy.copy(store), copy.copy(client)
        joined_store.ManagedSessionMaker = _joining(session.connection())
        joined._tracking_client = _ClientOf(client.tracking_uri, joined_store)
        yield joined


class _Sessions(Protocol):
    """Opens sessions as MLflow's store asks for them."""

    def __call__(self, *, read_only: bool = True) -> AbstractContextManager[Session]: ...


def _joining(connection: Connection) -> _Sessions:
    """Sessions that see and write what the transaction of a connection did so far."""
    # Their commits only write; an error in one of them ends the whole transaction.
    opened = sessionmaker(connection, join_transaction_mode="rollback_only")

    @contextmanager
    def managed(*, read_only: bool = True) -> Iterator[Session]:
        del read_only
        with opened() as session:
            yield session
            session.commit()

    return managed


class _ClientOf(TrackingServiceClient):
    """MLflow's client of a given store, and not of the one that it keeps for an address."""

    def __init__(self, address: str, store: SqlAlchemyStore) -> None:
        self._own = store
        super().__init__(address)  # type: ignore[no-untyped-call]

    @property
    def store(self) -> SqlAlchemyStore:
        return self._own
