"""Mixed training: backbone and last head first, then everything jointly."""

from dataclasses import dataclass
from typing import Annotated, ClassVar

from harness.core.parameters import bounded
from harness.core.types import EVERY_TASK, TaskName
from harness.regimes import Phase, Regime
from harness.regimes.two_phases import backbone_first


@dataclass(frozen=True)
class Mixed(Regime):
    """Two phases: backbone with its own output, then all parts jointly (arXiv 2407.14320)."""

    tasks: ClassVar[tuple[TaskName, ...]] = EVERY_TASK

    first_share: Annotated[float, bounded(0.05, 0.95, "share of epochs in the first phase")] = 0.5

    def plan(self, exits: int) -> tuple[Phase, ...]:
        """Phase 1: all stages and head E; phase 2: everything."""
        every = tuple(range(1, exits + 1))
        return backbone_first(self.first_share, exits, then=(every, every))
