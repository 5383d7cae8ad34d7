"""Workers of a cluster, by Dask: they join and leave, and need not share a file system."""

import contextlib
import threading
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, TypeAlias

from distributed import Future

from harness.core.files import reason_of
from harness.study.executors import Outcomes, Presence, TrialOutcome, TrialTask, errors
from harness.study.executors.dask_cluster import Connection
from harness.study.executors.roster import Ended, Roster

_LOOK = 1.0
"""Seconds between two looks at which workers there are."""
_FIRST_WAIT = 10.0
"""Seconds that a reply may take to come over; each further try may take twice as long."""
_LOSSES = 3
"""Workers that a trial may lose before it is taken for the cause."""


@dataclass(frozen=True)
class Reply:
    """What a worker answers of one trial.

    Attributes
    ----------
    parcel
        The finished folder; None where there is none, or it lies in place already.
    refused
        Why the worker trains no such trial, where another one may.
    """

    outcome: TrialOutcome
    parcel: bytes | None = None
    refused: str | None = None


Replies: TypeAlias = tuple[Reply, ...]
"""Of each trial of a task."""


class RemoteWork(Protocol):
    """Runs one task in a worker; picklable, as its argument and its replies are."""

    def __call__(self, task: str) -> Replies:
        """Train the networks of a task, `TrialSpec`s in JSON."""


@dataclass(frozen=True)
class Exchange:
    """What goes to a worker and comes back.

    Attributes
    ----------
    encode
        A task as `work` reads it.
    receive
        Takes the results of replies into the study's folder, and says how the trials ended.
    """

    work: RemoteWork
    encode: Callable[[TrialTask], str]
    receive: Callable[[TrialTask, Replies], Outcomes]


class _SchedulerAway(Exception):  # noqa: N818 (the trial is sent again)
    """The scheduler left while a trial ran: it knows nothing of it any more."""


class DaskExecutor:
    """An executor (`harness.study.executors.Executor`) on the workers of a Dask scheduler.

    Each task is bound to a worker that the launcher chose, one at a time, so that it is known
    which trial a worker takes with it.

    Parameters
    ----------
    connection
        Closed with this executor.
    capacity
        Tasks that may wait for a worker or run at once.
    """

    def __init__(self, connection: Connection, exchange: Exchange, capacity: int) -> None:
        self.capacity = capacity
        self._connection, self._exchange = connection, exchange
        self._roster = Roster()
        self._busy: set[str] = set()
        self._closed = threading.Event()
        threading.Thread(target=self._watch, daemon=True).start()

    def run(self, task: TrialTask) -> Outcomes:
        """Run one task on the worker that has been free for longest, or on others after it."""
        losses: list[str] = []
        while len(losses) < _LOSSES:
            try:
                worker = self._roster.take()
            except Ended as ended:
                return errors(task, str(ended), tries=1)
            name = self._roster.name(worker)
            try:
                replies = self._run_on(worker, task)
                if replies is None:
                    losses.append(name)
                elif refused := next((each.refused for each in replies if each.refused), None):
                    self._roster.refuse(worker, refused)
                else:
                    return self._exchange.receive(task, replies)
            except ImportError as error:  # harness is not installed there, or is too old
                self._roster.refuse(worker, f"worker {name}: {reason_of(error)}")
            except _SchedulerAway:
                self._closed.wait(_LOOK)
            except Exception as error:
                return errors(task, f"worker {name}: {reason_of(error)}")
            finally:
                self._roster.give_back(worker)
        lost = ", ".join(losses)
        return errors(task, f"its workers left (out of memory?): {lost}")

    def presence(self) -> Presence:
        """The workers that the scheduler knows, and what happened to them."""
        return Presence(*self._roster.presence())

    def close(self) -> None:
        """Stop the trials that run, and the workers where they are this launch's own."""
        self._roster.end("stopped")
        self._closed.set()
        self._connection.close(sorted(self._busy))

    def _run_on(self, worker: str, task: TrialTask) -> Replies | None:
        """The replies of one worker; None where it left before they came over."""
        future = self._connection.client.submit(
            self._exchange.work,
            self._exchange.encode(task),
            key=f"trial-{task[0].key}-{uuid.uuid4().hex}",
            workers=[worker],
            allow_other_workers=False,
            resources=dict(self._connection.profile.resources) or None,
        )
        self._busy.add(worker)
        try:
            return self._reply(future, worker)
        finally:
            if not self._closed.is_set():  # else it is to be stopped
                self._busy.discard(worker)

    def _reply(self, future: Future[Replies], worker: str) -> Replies | None:
        finished = threading.Event()
        future.add_done_callback(lambda _: finished.set())
        while not finished.wait(_LOOK):
            if self._is_lost(worker):
                with contextlib.suppress(Exception):  # nobody waits for it any more
                    future.cancel()
                return None
        wait = _FIRST_WAIT
        while future.status == "finished":
            try:
                reply: Replies = future.result(timeout=wait)
            except TimeoutError:
                if self._is_lost(worker):
                    return None
                wait *= 2
            else:
                return reply
        if future.status == "error":
            raise future.exception() or RuntimeError("an error without a message")
        raise _SchedulerAway

    def _is_lost(self, worker: str) -> bool:
        """Whether a worker left; raises where that cannot be known, as the scheduler is away."""
        if self._roster.has(worker):
            return False
        if self._connection.status != "running":
            raise _SchedulerAway
        return True

    def _watch(self) -> None:
        """Keep the roster until this executor is closed, or the scheduler has left for good."""
        away_since: float | None = None
        patience = self._connection.profile.patience
        while not self._closed.is_set():
            if self._connection.status == "running" and self._look():
                away_since = None
            else:
                self._roster.lose()
                away_since = away_since or time.monotonic()
                closed = self._connection.status == "closed"
                if closed or time.monotonic() - away_since > patience:
                    self._roster.end(_gone(self._connection.address, patience))
                    return
            self._closed.wait(_LOOK)

    def _look(self) -> bool:
        """Bring the roster up to date; False where the scheduler does not answer."""
        try:
            present = self._connection.workers()
        except Exception:  # of which there are many: the connection may be in any state
            return False
        self._roster.update(present)
        return True


def _gone(scheduler: str, patience: float) -> str:
    return (
        f"the Dask scheduler {scheduler} has not answered for {patience:g} s; start it again, or "
        "name another one"
    )
