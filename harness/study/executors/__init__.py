"""Executors: where trials run. `loky` is this machine's processes, `dask` a cluster's workers."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol, TypeAlias

from harness.core.trial_spec import TrialSpec
from harness.study.slots import Slot

if TYPE_CHECKING:
    from harness.study.trial_summary import TrialSummary

TrialTask: TypeAlias = tuple[TrialSpec, ...]
"""Trials that train together: one, or those that are wanted of a stack."""
MOST_TRIES = 3
"""Times that a trial is tried before the launch goes on without it."""


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
    tries
        Times that a trial which ends so is tried in all.
    summary
        Of one that is trained; None where who trained it made none.
    """

    key: str
    status: Literal["trained", "diverged", "error"] = "trained"
    reason: str | None = None
    tries: int = MOST_TRIES
    summary: "TrialSummary | None" = None

    @property
    def in_words(self) -> str:
        """The key, how it ended and why."""
        return f"{self.key} {self.status}" + (f": {self.reason}" if self.reason else "")


Outcomes: TypeAlias = tuple[TrialOutcome, ...]
"""How each trial of a task ended, in the task's order."""


def errors(task: TrialTask, reason: str, tries: int = MOST_TRIES) -> Outcomes:
    """Outcomes of a task that went wrong as a whole, in words."""
    return tuple(TrialOutcome(spec.key, "error", reason, tries) for spec in task)


@dataclass(frozen=True)
class Presence:
    """How many workers there are, and who joined or left since it was last asked, in words."""

    workers: int
    events: tuple[str, ...] = ()


class Work(Protocol):
    """Runs one task in a worker; picklable. What it raises is an error."""

    def __call__(self, task: TrialTask, *, slot: Slot) -> Outcomes:
        """Train the networks of a task in a slot and store their results."""


class Executor(Protocol):
    """Runs tasks, each in a worker process, so that the death of one takes nothing else with it.

    `harness.study.pool.Pool` calls it from threads of its own.
    """

    @property
    def capacity(self) -> int:
        """Tasks that may run at once."""

    def run(self, task: TrialTask) -> Outcomes:
        """Run one task to its end and say how each of its trials ended; raises nothing."""

    def presence(self) -> Presence | None:
        """The workers now; None where none joins or leaves."""

    def close(self) -> None:
        """Stop at once what still runs; results already written stay."""
