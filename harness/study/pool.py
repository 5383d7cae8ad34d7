"""The pool of trials: hands them to an executor, out of order, and tries again what went wrong."""

from collections import Counter, deque
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait

from harness.core.trial_spec import TrialSpec
from harness.study.executors import Executor, Outcomes, Presence, TrialOutcome, TrialTask


class Pool:
    """Runs trials out of order on an executor, which belongs to it.

    A trial that ends in an error is a suspect, as are those beside it: it may have taken what
    another needed. It is tried again alone (with the others of its task that ended so), once all
    others are done, and given up after the outcome's `tries`.
    """

    def __init__(self, executor: Executor) -> None:
        self._executor = executor
        # A thread waits for each worker: it takes the next trial without asking the launcher.
        self._threads = ThreadPoolExecutor(executor.capacity)
        self._waiting: deque[TrialTask] = deque()
        self._running: dict[Future[Outcomes], TrialTask] = {}
        self._suspects: deque[TrialTask] = deque()
        self._alone = False
        self._tries: Counter[str] = Counter()

    def submit(self, *task: TrialSpec) -> None:
        """Queue one trial, or several that train together."""
        self._waiting.append(task)
        self._fill()

    def __len__(self) -> int:
        """Number of trials queued, running or to be tried again."""
        tasks = (*self._waiting, *self._running.values(), *self._suspects)
        return sum(map(len, tasks))

    def collect(self, timeout: float) -> tuple[TrialOutcome, ...]:
        """Wait up to `timeout` seconds for a trial to finish and return all that have."""
        finished, _ = wait(self._running, timeout=timeout, return_when=FIRST_COMPLETED)
        done = [outcome for future in finished for outcome in self._take(future)]
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
            task = self._waiting.popleft()
            self._running[self._threads.submit(self._executor.run, task)] = task

    def _take(self, future: Future[Outcomes]) -> Outcomes:
        """The outcomes of a task's trials but of those that are to be tried again."""
        task, outcomes = self._running.pop(future), future.result()
        self._tries.update(spec.key for spec in task)
        again = {each.key for each in outcomes if self._is_tried_again(each)}
        if again:
            self._suspects.append(tuple(spec for spec in task if spec.key in again))
        return tuple(each for each in outcomes if each.key not in again)

    def _is_tried_again(self, outcome: TrialOutcome) -> bool:
        return outcome.status == "error" and self._tries[outcome.key] < outcome.tries
