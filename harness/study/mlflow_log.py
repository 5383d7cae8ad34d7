"""The MLflow log of a launch: a queue and a thread, so that training never waits for MLflow."""

import threading
import time
from collections.abc import Callable
from queue import Empty, SimpleQueue

from harness.core.waiting import waiting
from harness.results.study_record import Configuration, StudyRecord
from harness.study.interrupt import Stopped
from harness.study.trial_logger import TrialLogger

_BATCH = 10
"""Most configurations that are logged before the thread looks whether it shall stop."""
_PATIENCE = 10.0
"""Seconds that a launch which was asked to stop goes on logging what its trials left."""


class MlflowLog:
    """Hands recorded configurations to a `TrialLogger` in a thread of its own.

    Attributes
    ----------
    logger
        What is logged, and what is not and why; the thread's own until `finish` returns.
    """

    def __init__(self, logger: TrialLogger) -> None:
        self.logger = logger
        self._queue: SimpleQueue[Configuration | None] = SimpleQueue()
        self._dropped = threading.Event()
        self._thread = threading.Thread(target=self._work, name="MLflow", daemon=True)
        self._thread.start()

    def log(self, configuration: Configuration) -> None:
        """Queue a recorded configuration; returns at once."""
        self._queue.put(configuration)

    def finish(self, record: StudyRecord, check_stop: Callable[[], None]) -> None:
        """Log what is left, and end the launch's own run with the study's figures so far.

        A launch that was asked to stop waits a few seconds at most, and not for a server that is
        down.

        Parameters
        ----------
        check_stop
            Raises `Stopped` once the launch was asked to stop.
        """
        self._queue.put(None)
        stop_at: float | None = None
        with waiting("logging to MLflow"):
            while self._thread.is_alive():
                self._thread.join(timeout=0.2)
                try:
                    check_stop()
                except Stopped:
                    stop_at = stop_at or time.monotonic() + _PATIENCE
                    if self.logger.failing or time.monotonic() > stop_at:
                        break
            self.close()
        if not self._thread.is_alive():
            self.logger.finish(record)

    def close(self) -> None:
        """Let the thread end after its batch: the rest is left for `harness sync`."""
        if not self._dropped.is_set():
            self._dropped.set()
            self._queue.put(None)
            self._thread.join(timeout=_PATIENCE)

    def _work(self) -> None:
        goes_on = True
        while goes_on and not self._dropped.is_set():
            batch, goes_on = self._next_batch()
            self.logger.log(batch)

    def _next_batch(self) -> tuple[list[Configuration], bool]:
        """Wait for configurations, and take those that are there; False after the last."""
        found = self._queue.get()
        batch: list[Configuration] = []
        while found is not None:
            batch.append(found)
            if len(batch) == _BATCH:
                return batch, True
            try:
                found = self._queue.get_nowait()
            except Empty:
                return batch, True
        return batch, False
