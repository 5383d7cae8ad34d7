"""The pool of trials: hands them to an executor, out of order, and tries again what went wrong."""

from collections import Counter, deque
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait

from harness.core.trial_spec import TrialSpec
from harness.study.executors import Executor, Presence, TrialOutcome


class Pool:
    """Runs trials out of order on an executor, which belongs to it.

    A trial that ends in an error is a suspect, as is its company: it may have taken what another
    needed. It is tried again alone, once all others are done, and given up after the outcome's
    `tries`.
    """

    def __init__(self, executor: Executor) -> None:
        self._executor = executor
        # A thread waits for each worker: it takes the next trial without asking the launcher.
        self._threads = ThreadPoolExecutor(executor.capacity)
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

    def presence(self) -> Presence | None:
        """The executor's workers; None where none joins or leaves."""
        return self._executor.presence()

    def drop_queued(self) -> None:
        """Forget the trials that are not running."""
        self._waiting.clear()
        self._suspects.clear()
        for future in [future for future in self._running if future.cancel()]:
            del self._running[future]

    def close(self) -> None:
        """Stop at once what still runs; results already written stay."""
        self.drop_queued()
        self._executor.close()
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
            self._running[self._threads.submit(self._executor.run, spec)] = spec

    def _take(self, future: Future[TrialOutcome]) -> TrialOutcome | None:
        """A trial's outcome, or None where it is to be tried again."""
        spec, outcome = self._running.pop(future), future.result()
        self._tries[spec.key] += 1
        if outcome.status != "error" or self._tries[spec.key] >= outcome.tries:
            return outcome
        self._suspects.append(spec)
        return None
