"""Workers of a cluster, by Dask: they join and leave, and need not share a file system."""

import contextlib
import threading
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from distributed import Future

from harness.core.files import reason_of
from harness.core.trial_spec import TrialSpec
from harness.study.executors import Presence, TrialOutcome
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
    """What a worker answers.

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


class RemoteWork(Protocol):
    """Runs one trial in a worker; picklable, as its argument and its reply are."""

    def __call__(self, spec: str) -> Reply:
        """Train the network of a `TrialSpec` in JSON."""


@dataclass(frozen=True)
class Exchange:
    """What goes to a worker and comes back.

    Attributes
    ----------
    encode
        A spec as `work` reads it.
    receive
        Takes a reply's result into the study's folder, and says how the trial ended.
    """

    work: RemoteWork
    encode: Callable[[TrialSpec], str]
    receive: Callable[[TrialSpec, Reply], TrialOutcome]


class _SchedulerAway(Exception):  # noqa: N818 (the trial is sent again)
    """The scheduler left while a trial ran: it knows nothing of it any more."""


class DaskExecutor:
    """An executor (`harness.study.executors.Executor`) on the workers of a Dask scheduler.

    Each trial is bound to a worker that the launcher chose, one at a time, so that it is known
    which trial a worker takes with it.

    Parameters
    ----------
    connection
        Closed with this executor.
    capacity
        Trials that may wait for a worker or run at once.
    """

    def __init__(self, connection: Connection, exchange: Exchange, capacity: int) -> None:
        self.capacity = capacity
        self._connection, self._exchange = connection, exchange
        self._roster = Roster()
        self._busy: set[str] = set()
        self._closed = threading.Event()
        threading.Thread(target=self._watch, daemon=True).start()

    def run(self, spec: TrialSpec) -> TrialOutcome:
        """Run one trial on the worker that has been free for longest, or on others after it."""
        losses: list[str] = []
        while len(losses) < _LOSSES:
            try:
                worker = self._roster.take()
            except Ended as ended:
                return TrialOutcome(spec.key, "error", str(ended), tries=1)
            name = self._roster.name(worker)
            try:
                reply = self._run_on(worker, spec)
                if reply is None:
                    losses.append(name)
                elif reply.refused is not None:
                    self._roster.refuse(worker, reply.refused)
                else:
                    return self._exchange.receive(spec, reply)
            except ImportError as error:  # harness is not installed there, or is too old
                self._roster.refuse(worker, f"worker {name}: {reason_of(error)}")
            except _SchedulerAway:
                self._closed.wait(_LOOK)
            except Exception as error:
                return TrialOutcome(spec.key, "error", f"worker {name}: {reason_of(error)}")
            finally:
                self._roster.give_back(worker)
        lost = ", ".join(losses)
        return TrialOutcome(spec.key, "error", f"its workers left (out of memory?): {lost}")

    def presence(self) -> Presence:
        """The workers that the scheduler knows, and what happened to them."""
        return Presence(*self._roster.presence())

    def close(self) -> None:
        """Stop the trials that run, and the workers where they are this launch's own."""
        self._roster.end("stopped")
        self._closed.set()
        self._connection.close(sorted(self._busy))

    def _run_on(self, worker: str, spec: TrialSpec) -> Reply | None:
        """The reply of one worker; None where it left before it came over."""
        future = self._connection.client.submit(
            self._exchange.work,
            self._exchange.encode(spec),
            key=f"trial-{spec.key}-{uuid.uuid4().hex}",
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

    def _reply(self, future: Future[Reply], worker: str) -> Reply | None:
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
                reply: Reply = future.result(timeout=wait)
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
