"""Branch-wise training: exit by exit, everything before it frozen."""

from dataclasses import dataclass
from typing import ClassVar

from harness.core.types import EVERY_TASK, TaskName
from harness.regimes import Phase, Regime


@dataclass(frozen=True)
class BranchWise(Regime):
    """E phases of equal share: stage e and head e learn (arXiv 2407.14320; deep cascade)."""

    tasks: ClassVar[tuple[TaskName, ...]] = EVERY_TASK

    def plan(self, exits: int) -> tuple[Phase, ...]:
        """Phase e: stage e and head e."""
        return tuple(Phase(1 / exits, stages=(e,), heads=(e,)) for e in range(1, exits + 1))
