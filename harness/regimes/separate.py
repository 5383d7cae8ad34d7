"""Separate optimisation: one step per exit and batch, for its head and the stages before it."""

from dataclasses import dataclass
from typing import ClassVar

from harness.core.types import EVERY_TASK, TaskName
from harness.regimes import Phase, Regime


@dataclass(frozen=True)
class Separate(Regime):
    """A step per exit and batch, shallow exits first (Rahmath P et al. 2025).

    Unlike in `joint`, an exit learns from stages that the shallower exits have just updated.
    """

    tasks: ClassVar[tuple[TaskName, ...]] = EVERY_TASK

    def plan(self, exits: int) -> tuple[Phase, ...]:
        """One phase, its heads one by one."""
        every = tuple(range(1, exits + 1))
        return (Phase(1.0, stages=every, heads=every, one_by_one=True),)
