"""Workers: loky processes with one thread each, refilled as they become free."""

import signal
from collections import deque
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, CancelledError, Future, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass

from joblib.externals.loky import get_reusable_executor

from harness.core.trial_spec import TrialSpec

MOST_DEATHS = 3
"""Deaths of its worker after which a trial counts as failed."""


@dataclass(frozen=True)
class TrialOutcome:
    """A finished trial: its result is stored, or `reason` says why it failed."""

    key: str
    reason: str | None = None


class Pool:
    """Runs trials out of order; survives the death of its workers.

    Parameters
    ----------
    workers
        Number of processes.
    work
        Picklable function that runs one trial and returns a TrialOutcome, never raising.
    """

    def __init__(self, workers: int, work: Callable[[TrialSpec], TrialOutcome]) -> None:
        self._workers = workers
        self._work = work
        self._waiting: deque[TrialSpec] = deque()
        self._running: dict[Future[TrialOutcome], TrialSpec] = {}
        self._deaths: dict[str, int] = {}

    def submit(self, spec: TrialSpec) -> None:
        """Queue one trial."""
        self._waiting.append(spec)
        self._fill()

    def __len__(self) -> int:
        """Number of trials queued or running."""
        return len(self._waiting) + len(self._running)

    def collect(self, timeout: float) -> tuple[TrialOutcome, ...]:
        """Wait up to `timeout` seconds for a trial to finish and return all that have."""
        finished, _ = wait(self._running, timeout=timeout, return_when=FIRST_COMPLETED)
        broken = any(isinstance(_error(future), BrokenProcessPool) for future in finished)
        done = self._recover() if broken else tuple(self._take(future) for future in finished)
        self._fill()
        return done

    def drop_queued(self) -> None:
        """Forget the trials that were not handed to a worker."""
        self._waiting.clear()

    def kill(self) -> None:
        """Stop all workers at once; results already written stay."""
        get_reusable_executor(max_workers=self._workers).shutdown(wait=True, kill_workers=True)
        self._running.clear()

    def _fill(self) -> None:
        """Hand out one trial more than there are workers, so that none waits for the launcher.

        The rest stays here: a dying worker takes everything handed out with it.
        """
        while self._waiting and len(self._running) <= self._workers:
            executor = get_reusable_executor(
                max_workers=self._workers, initializer=_prepare_worker, timeout=60
            )
            spec = self._waiting.popleft()
            self._running[executor.submit(self._work, spec)] = spec

    def _take(self, future: "Future[TrialOutcome]") -> TrialOutcome:
        spec = self._running.pop(future)
        error = _error(future)
        return future.result() if error is None else TrialOutcome(spec.key, repr(error))

    def _recover(self) -> tuple[TrialOutcome, ...]:
        """Loky loses all that was handed out with the worker that died: queue it again."""
        wait(self._running)
        done = []
        for future, spec in list(self._running.items()):
            del self._running[future]
            if _error(future) is None:
                done.append(future.result())
                continue
            self._deaths[spec.key] = self._deaths.get(spec.key, 0) + 1
            if self._deaths[spec.key] < MOST_DEATHS:
                self._waiting.appendleft(spec)
            else:
                done.append(
                    TrialOutcome(spec.key, f"its worker died {MOST_DEATHS} times (out of memory?)")
                )
        return tuple(done)


def _error(future: "Future[TrialOutcome]") -> BaseException | None:
    try:
        return future.exception(timeout=0)
    except CancelledError as error:
        return error


def _prepare_worker() -> None:
    """Leave Ctrl-C to the launcher, and the cores to the other workers."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    import torch

    torch.set_num_threads(1)
