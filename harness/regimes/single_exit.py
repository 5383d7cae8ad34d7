"""E separate static networks, each truncated at its exit: the reference frontier."""

from dataclasses import dataclass
from typing import ClassVar

from harness.core.types import EVERY_TASK, TaskName
from harness.regimes import Regime


@dataclass(frozen=True)
class SingleExit(Regime):
    """Plain likelihood on static networks of 1, 2, ... E stages and one head each.

    An early-exit network is worth its trouble only where its frontier beats theirs.
    """

    tasks: ClassVar[tuple[TaskName, ...]] = EVERY_TASK

    def static_exits(self, exits: int) -> tuple[int, ...]:
        """One network per depth."""
        return tuple(range(1, exits + 1))
