"""What this process waits for, so that a command can say it where it takes long."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass


@dataclass(frozen=True, eq=False)
class Wait:
    """Something that takes a while.

    Attributes
    ----------
    what
        In words that follow the program's name: "opening MLflow's store".
    since
        When it began, of `time.monotonic`.
    """

    what: str
    since: float


_now: list[Wait] = []


@contextmanager
def waiting(what: str) -> Iterator[None]:
    """Let it be known what this process is doing while the block runs.

    Only of the main thread: a command does not wait for what others do beside it.

    Parameters
    ----------
    what
        In words, as of a `Wait`.
    """
    wait = Wait(what, time.monotonic())
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    _now.append(wait)
    try:
        yield
    finally:
        _now.remove(wait)


def newest_wait() -> Wait | None:
    """The innermost of the blocks that run now; None where there is none."""
    return _now[-1] if _now else None
