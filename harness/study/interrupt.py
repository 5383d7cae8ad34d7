"""Signals that stop a launch in order: Ctrl-C, SIGTERM, SIGHUP."""

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

SAME_PRESS = 1.0
"""Seconds within which signals count as one: a terminal and a parent process may both send it."""

_NAMES = ("SIGINT", "SIGTERM", "SIGHUP")


class Stopped(KeyboardInterrupt):
    """A launch was asked to stop.

    Attributes
    ----------
    number
        Of the signal.
    """

    def __init__(self, number: int) -> None:
        super().__init__()
        self.number = number


@contextmanager
def stop_signals(say: Callable[[], None]) -> Iterator[Callable[[], None]]:
    """Within the block such a signal asks for a stop; a second one ends the process at once.

    Nothing is raised where a signal happens to come: a write, or the start of a worker, is finished
    first. The exit code is 128 and the signal's number, either way.

    Parameters
    ----------
    say
        Called at once, in the signal handler, when a stop is asked for.

    Yields
    ------
    A function that raises `Stopped` once a stop was asked for.
    """
    asked: list[tuple[int, float]] = []

    def note(number: int, frame: FrameType | None) -> None:
        del frame
        if not asked:
            asked.append((number, time.monotonic()))
            say()
        elif time.monotonic() - asked[0][1] > SAME_PRESS:
            os._exit(128 + number)

    def check() -> None:
        if asked:
            raise Stopped(asked[0][0])

    if threading.current_thread() is not threading.main_thread():
        yield check
        return
    found = [getattr(signal, name) for name in _NAMES if hasattr(signal, name)]
    before = {number: signal.getsignal(number) for number in found}
    for number in found:
        if number != signal.SIGHUP or before[number] != signal.SIG_IGN:  # as under nohup
            signal.signal(number, note)
    try:
        yield check
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
