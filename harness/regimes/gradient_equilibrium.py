"""Gradient equilibrium: joint training with gradients rescaled where the network branches."""

from dataclasses import dataclass
from typing import ClassVar

from harness.core.types import EVERY_TASK, TaskName
from harness.regimes import Phase, Regime
from harness.regimes.equilibrium import equilibrium_plan


@dataclass(frozen=True)
class GradientEquilibrium(Regime):
    """`joint` with rescaled gradients (Li et al. 2019, arXiv 1908.06294)."""

    tasks: ClassVar[tuple[TaskName, ...]] = EVERY_TASK

    def plan(self, exits: int) -> tuple[Phase, ...]:
        """One phase, with the scales of gradient equilibrium."""
        return equilibrium_plan(exits)
