"""Workers: one process and one trial each, so that the death of one takes nothing else with it."""

import contextlib
import os
import signal
import threading
import time
from collections import Counter, deque
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from typing import Literal

from joblib.externals.loky import ProcessPoolExecutor

from harness.core.trial_spec import TrialSpec

MOST_TRIES = 3
"""Times that a trial is tried before the launch goes on without it."""

_IDLE_SECONDS = 60
"""After which a worker without work ends: one launch may follow another in the same process."""

_idle: deque[ProcessPoolExecutor] = deque()
"""Workers that wait for a launch."""


@dataclass(frozen=True)
class TrialOutcome:
    """How a trial ended.

    Attributes
    ----------
    status
        trained: its result is stored; diverged: it failed by itself and would again, which is a
        result too; error: what happened is no trial's own (a full disk, a worker that was killed),
        so that nothing is recorded and a later launch tries again.
    reason
        Why it is not trained.
    """

    key: str
    status: Literal["trained", "diverged", "error"] = "trained"
    reason: str | None = None


class Pool:
    """Runs trials out of order, each in a worker process of its own.

    A trial that ends in an error is a suspect, as is its company: it may have taken what another
    needed. It is tried again alone, once all others are done, and given up after `MOST_TRIES`.

    Parameters
    ----------
    workers
        Number of processes.
    work
        Picklable function that runs one trial; what it raises is an error.
    """

    def __init__(self, workers: int, work: Callable[[TrialSpec], TrialOutcome]) -> None:
        self._work = work
        # A thread waits for each worker: it takes the next trial without asking the launcher.
        self._threads = ThreadPoolExecutor(workers)
        self._busy: set[ProcessPoolExecutor] = set()
        self._killed = threading.Event()
        self._waiting: deque[TrialSpec] = deque()
        self._running: dict[Future[TrialOutcome], TrialSpec] = {}
        self._suspects: deque[TrialSpec] = deque()
        self._alone = False
        self._tries: Counter[str] = Counter()

    def submit(self, spec: TrialSpec) -> None:
        """Queue one trial."""
        self._waiting.append(spec)
        self._fill()

    def __len__(self) -> int:
        """Number of trials queued, running or to be tried again."""
        return len(self._waiting) + len(self._running) + len(self._suspects)

    def collect(self, timeout: float) -> tuple[TrialOutcome, ...]:
        """Wait up to `timeout` seconds for a trial to finish and return all that have."""
        finished, _ = wait(self._running, timeout=timeout, return_when=FIRST_COMPLETED)
        done = [outcome for future in finished if (outcome := self._take(future))]
        self._fill()
        return tuple(done)

    def drop_queued(self) -> None:
        """Forget the trials that are not running."""
        self._waiting.clear()
        self._suspects.clear()
        for future in [future for future in self._running if future.cancel()]:
            del self._running[future]

    def close(self) -> None:
        """Stop at once what still runs; results already written stay."""
        self._killed.set()
        self.drop_queued()
        for worker in tuple(self._busy):
            worker.shutdown(wait=True, kill_workers=True)
        self._threads.shutdown(wait=True)
        self._running.clear()

    def _fill(self) -> None:
        """Hand out what is queued, or one suspect where nothing else is left."""
        if self._alone and self._running:
            return
        self._alone = not self._waiting and not self._running and bool(self._suspects)
        if self._alone:
            self._waiting.append(self._suspects.popleft())
        while self._waiting:
            spec = self._waiting.popleft()
            self._running[self._threads.submit(self._run, spec)] = spec

    def _take(self, future: Future[TrialOutcome]) -> TrialOutcome | None:
        """A trial's outcome, or None where it is to be tried again."""
        spec, outcome = self._running.pop(future), future.result()
        self._tries[spec.key] += 1
        if outcome.status != "error" or self._tries[spec.key] >= MOST_TRIES:
            return outcome
        self._suspects.append(spec)
        return None

    def _run(self, spec: TrialSpec) -> TrialOutcome:
        outcome = None
        while outcome is None:
            worker = _free_worker()
            self._busy.add(worker)
            try:
                outcome = self._run_in(worker, spec)
            finally:
                self._busy.discard(worker)
        return outcome

    def _run_in(self, worker: ProcessPoolExecutor, spec: TrialSpec) -> TrialOutcome | None:
        """Run one trial in a worker, which is free for the next one unless it died.

        None where it had died already, without work.
        """
        if self._killed.is_set():
            return TrialOutcome(spec.key, "error", "stopped")
        try:
            future = worker.submit(self._work, spec)
        except BrokenProcessPool:
            return None
        try:
            outcome: TrialOutcome = future.result()
        except BrokenProcessPool:
            return TrialOutcome(spec.key, "error", "its worker process died (out of memory?)")
        except BaseException as error:
            outcome = TrialOutcome(spec.key, "error", f"{type(error).__name__}: {error}")
        if not self._killed.is_set():
            _idle.append(worker)
        return outcome


def _free_worker() -> ProcessPoolExecutor:
    """A worker that waits for work, or a new one."""
    with contextlib.suppress(IndexError):
        return _idle.pop()
    return ProcessPoolExecutor(
        max_workers=1, timeout=_IDLE_SECONDS, initializer=_prepare_worker, initargs=(os.getpid(),)
    )


def _prepare_worker(launcher: int) -> None:
    """Leave Ctrl-C to the launcher, and end with it, however it ended."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with, args=(launcher,), daemon=True).start()


def _end_with(launcher: int) -> None:
    """End this process once its parent is another: a launcher that was killed tells nobody.

    Looking is portable, and sees a launcher that was gone before this process began; the signal
    that Linux offers follows the thread that started the process, not its launcher.
    """
    while os.getppid() == launcher:
        time.sleep(1)
    os._exit(1)
