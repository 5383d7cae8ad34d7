"""Worker processes of this machine, by joblib's loky: one per slot, one trial each at a time."""

import atexit
import contextlib
import gc
import os
import signal
import threading
import time
from collections import defaultdict, deque
from collections.abc import Sequence
from concurrent.futures import Future
from concurrent.futures.process import BrokenProcessPool
from queue import SimpleQueue

from joblib.externals.loky import ProcessPoolExecutor

from harness.study.executors import Outcomes, TrialTask, Work, errors
from harness.study.slots import Slot

_IDLE_SECONDS = 60
"""After which a worker without work ends: one launch may follow another in the same process."""
_REUSE_SECONDS = 30
"""After which it gets no work any more. Loky would start another process for one that has ended,
but not notice if that dies in its first trial, and the launch would wait for ever."""

_idle: dict[Slot, deque[tuple[ProcessPoolExecutor, float]]] = defaultdict(deque)
"""Workers that wait for a launch and since when, by the slot whose device they have opened."""


class Loky:
    """An executor (`harness.study.executors.Executor`) of this machine.

    Parameters
    ----------
    slots
        One for each worker.
    """

    def __init__(self, slots: Sequence[Slot], work: Work) -> None:
        self._work = work
        self.capacity = len(slots)
        self._free: SimpleQueue[Slot] = SimpleQueue()
        for slot in slots:
            self._free.put(slot)
        self._busy: dict[ProcessPoolExecutor, Future[Outcomes]] = {}
        self._killed = False
        self._lock = threading.Lock()

    def run(self, task: TrialTask) -> Outcomes:
        """Run one task in a worker of the slot that has been free for longest."""
        slot, outcomes = self._free.get(), None
        try:
            while outcomes is None:
                worker = _free_worker(slot)
                try:
                    outcomes = self._run_in(worker, slot, task)
                finally:
                    self._busy.pop(worker, None)
        finally:
            self._free.put(slot)
        return outcomes

    def presence(self) -> None:
        """A worker that dies is replaced within its trial: none joins or leaves."""

    def close(self) -> None:
        """Kill the workers that run a trial."""
        with self._lock:
            self._killed = True
            busy = tuple(self._busy.items())
        for worker, trial in busy:
            # One that loky's thread has not taken up yet would end that thread in a traceback.
            while not (trial.running() or trial.done()):
                time.sleep(0.001)
            worker.shutdown(wait=True, kill_workers=True)

    def _run_in(self, worker: ProcessPoolExecutor, slot: Slot, task: TrialTask) -> Outcomes | None:
        """Run one task in a worker, which is free for the next one unless it died.

        None where it had died already, without work.
        """
        try:
            with self._lock:
                if self._killed:
                    return errors(task, "stopped")
                future = self._busy[worker] = worker.submit(self._work, task, slot=slot)
        except BrokenProcessPool:
            return None
        try:
            outcomes: Outcomes = future.result()
        except BrokenProcessPool:
            return errors(task, "its worker process died (out of memory?)")
        except BaseException as error:
            outcomes = errors(task, f"{type(error).__name__}: {error}")
        if not self._killed:
            _idle[slot].append((worker, time.monotonic()))
        return outcomes


def _free_worker(slot: Slot) -> ProcessPoolExecutor:
    """A worker of the slot that has not waited long for work, or a new one."""
    with contextlib.suppress(IndexError):
        worker, since = _idle[slot].pop()
        if time.monotonic() - since < _REUSE_SECONDS:
            return worker
        worker.shutdown(wait=False)
    return ProcessPoolExecutor(
        max_workers=1, timeout=_IDLE_SECONDS, initializer=_prepare_worker, initargs=(os.getpid(),)
    )


def _prepare_worker(launcher: int) -> None:
    """Leave Ctrl-C to the launcher, and end with it, however it ended."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # Who waits for this process to end waits for Python to search all that torch made for garbage.
    atexit.register(gc.freeze)
    threading.Thread(target=_end_with, args=(launcher,), daemon=True).start()


def _end_with(launcher: int) -> None:
    """End this process once its parent is another: a launcher that was killed tells nobody.

    Looking is portable, and sees a launcher that was gone before this process began; the signal
    that Linux offers follows the thread that started the process, not its launcher.
    """
    while os.getppid() == launcher:
        time.sleep(1)
    os._exit(1)
