"""Work on single trials, as the work of an executor, which is of tasks."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class OneByOne:
    """Does a task's trials one after the other; picklable where `work` is."""

    work: Callable[..., Any]

    def __call__(self, task, **where):
        return tuple(self.work(spec, **where) for spec in task)
