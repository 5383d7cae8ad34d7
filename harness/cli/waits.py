"""Saying what a command waits for, where that takes more than a second."""

import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from harness.core.waiting import newest_wait

PATIENCE = 1.0
"""Seconds of silence."""
_PAUSE = 0.2

_AGAIN = 60.0
"""Seconds after which the same is said again: each of many trials may take a while to log."""

_told: dict[str, float] = {}
_from = 0.0


@contextmanager
def waits_told() -> Iterator[None]:
    """Within the block, what takes longer than `PATIENCE` is said on standard error."""
    over = threading.Event()
    thread = threading.Thread(target=_tell, args=(over,), daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
        _told.clear()


def tell_again() -> None:
    """Say once more what is waited for, if it goes on: as after a stop was asked for."""
    global _from  # noqa: PLW0603
    _from = time.monotonic()
    _told.clear()


def _tell(over: threading.Event) -> None:
    while not over.wait(_PAUSE):
        wait, now = newest_wait(), time.monotonic()
        if wait is None or now - _told.get(wait.what, -_AGAIN) < _AGAIN:
            continue
        if now - max(wait.since, _from) > PATIENCE:
            _told[wait.what] = now
            sys.stderr.write(f"harness: {wait.what} ...\n")
            sys.stderr.flush()
