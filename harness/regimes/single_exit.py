"""Static networks, one truncated at each exit and trained alone: the reference frontier."""

from dataclasses import dataclass
from typing import ClassVar

from harness.core.types import EVERY_TASK, TaskName
from harness.regimes import Regime


@dataclass(frozen=True)
class SingleExit(Regime):
    """Plain likelihood on static networks of 1, 2, ... E stages and one head each.

    An early-exit network pays off only where its frontier dominates theirs.
    """

    tasks: ClassVar[tuple[TaskName, ...]] = EVERY_TASK

    def static_exits(self, exits: int) -> tuple[int, ...]:
        """One network per depth."""
        return tuple(range(1, exits + 1))
