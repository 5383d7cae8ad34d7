"""The roster of a cluster: which workers there are, and which of them are free."""

import threading
from collections import deque
from collections.abc import Mapping

_EVENTS = 1000
"""Most that are kept for whoever asks."""


class Ended(Exception):  # noqa: N818 (it is no error: the roster says why nobody takes a worker)
    """No worker is to be had any more; the message says why."""


class Roster:
    """Hands out each worker to one trial at a time; safe for threads.

    Workers join and leave as `update` says. One that refuses is not asked again, as long as others
    are left; it would refuse every trial, and fast.
    """

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._names: dict[str, str] = {}
        self._free: deque[str] = deque()
        self._refused: dict[str, str] = {}
        self._events: deque[str] = deque(maxlen=_EVENTS)
        self._lost = False
        self._ended: str | None = None

    def update(self, present: Mapping[str, str]) -> None:
        """Note which workers there are now: address to name."""
        with self._changed:
            self._lost = False
            for address in [a for a in self._names if a not in present]:
                name = self._names.pop(address)
                self._refused.pop(address, None)
                if address in self._free:
                    self._free.remove(address)
                self._events.append(f"worker {name} left, {len(self._names)} there")
            for address in [a for a in present if a not in self._names]:
                self._names[address] = present[address]
                self._free.append(address)
                self._events.append(f"worker {present[address]} joined, {len(self._names)} there")
            self._changed.notify_all()

    def lose(self) -> None:
        """Note that nobody can say which workers there are; until that changes there are none."""
        with self._changed:
            if not self._lost:
                self._events.append("the scheduler does not answer; waiting for it")
            self._lost = True
            self._names, self._refused = {}, {}
            self._free.clear()
            self._changed.notify_all()

    def take(self) -> str:
        """Address of a worker that is free, as soon as there is one.

        Raises
        ------
        Ended
            As `end` says, or every worker there is refused.
        """
        with self._changed:
            while True:
                if self._ended is not None:
                    raise Ended(self._ended)
                if self._free:
                    return self._free.popleft()
                if self._names and len(self._refused) == len(self._names):
                    raise Ended("; ".join(dict.fromkeys(self._refused.values())))
                self._changed.wait()

    def give_back(self, address: str) -> None:
        """A worker is free again, where it is still there and did not refuse."""
        with self._changed:
            known = address in self._names and address not in self._refused
            if known and address not in self._free:
                self._free.append(address)
            self._changed.notify_all()

    def refuse(self, address: str, reason: str) -> None:
        """A worker refused a trial, in words."""
        with self._changed:
            if address in self._names:
                self._refused[address] = reason
                self._events.append(f"worker {self._names[address]} refused: {reason}")
            self._changed.notify_all()

    def has(self, address: str) -> bool:
        """Whether a worker is there, and the roster has not ended."""
        with self._changed:
            return address in self._names and self._ended is None

    def name(self, address: str) -> str:
        """Name of a worker, or its address once it left."""
        with self._changed:
            return self._names.get(address, address)

    def end(self, reason: str) -> None:
        """Hand out no worker any more; the first reason counts."""
        with self._changed:
            self._ended = self._ended or reason
            self._changed.notify_all()

    def presence(self) -> tuple[int, tuple[str, ...]]:
        """Number of workers, and what happened since the last call."""
        with self._changed:
            events = tuple(self._events)
            self._events.clear()
            return len(self._names), events
