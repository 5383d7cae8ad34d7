"""Ctrl-C that no library can swallow."""

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType


@contextmanager
def interrupt_guard() -> Iterator[Callable[[], None]]:
    """Within the block Ctrl-C raises KeyboardInterrupt at once, as always, and is remembered.

    Yields a function that raises it again once it came: a library may have caught it while it was
    being imported, and gone on.
    """
    came = threading.Event()

    def note(number: int, frame: FrameType | None) -> None:
        del number, frame
        came.set()
        raise KeyboardInterrupt

    def check() -> None:
        if came.is_set():
            raise KeyboardInterrupt

    if threading.current_thread() is not threading.main_thread():
        yield check
        return
    before = signal.signal(signal.SIGINT, note)
    try:
        yield check
    finally:
        signal.signal(signal.SIGINT, before)
