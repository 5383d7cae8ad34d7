"""Disjoint training: backbone and last head first, then the other heads on it, frozen."""

from dataclasses import dataclass
from typing import Annotated, ClassVar

from harness.core.parameters import bounded
from harness.core.types import EVERY_TASK, TaskName
from harness.regimes import Phase, Regime
from harness.regimes.two_phases import backbone_first


@dataclass(frozen=True)
class Disjoint(Regime):
    """Two phases: backbone with its own output, then all other heads (arXiv 2407.14320)."""

    tasks: ClassVar[tuple[TaskName, ...]] = EVERY_TASK

    first_share: Annotated[float, bounded(0.05, 0.95, "share of epochs in the first phase")] = 0.6

    def plan(self, exits: int) -> tuple[Phase, ...]:
        """Phase 1: all stages and head E; phase 2: heads 1..E-1."""
        every = tuple(range(1, exits + 1))
        return backbone_first(self.first_share, exits, then=((), every[:-1]))
