"""Boosting (BoostNet): each exit corrects the ensemble of the shallower ones."""

from dataclasses import dataclass
from itertools import accumulate
from typing import Annotated, ClassVar

import torch
from torch import Tensor

from harness.core.parameters import bounded, described
from harness.core.types import EVERY_TASK, TaskName
from harness.regimes import Phase, Regime
from harness.regimes.equilibrium import equilibrium_plan


@dataclass(frozen=True)
class Boosted(Regime):
    """BoostNet (arXiv 2211.16726): the outputs are Z_1 = z_1, Z_e = z_e + t Z_{e-1}.

    The loss is on Z_e, and no gradient flows into Z_{e-1} there. t < 1 weakens the shallower exits'
    outputs, so that enough samples stay hard for the deeper ones (prediction reweighting; the
    authors use 0.5). Their MSDNet also rescales gradients as `gradient_equilibrium` does. For a
    regression the predicted means add up, and so do the log variances.
    """

    tasks: ClassVar[tuple[TaskName, ...]] = EVERY_TASK

    temperature: Annotated[
        float, bounded(0, 1, "t: factor of the shallower exits' ensemble; 0 is `joint`")
    ] = 0.5
    rescaled: Annotated[bool, described("rescale gradients where the network branches")] = True

    def outputs(self, logits: Tensor) -> Tensor:
        """The ensembles Z: [E, N, K]."""
        ensembles = accumulate(logits, lambda before, z: z + self.temperature * before.detach())
        return torch.stack(list(ensembles))

    def losses(self, logits: Tensor, labels: Tensor) -> Tensor:
        """Cross-entropy of each ensemble on each sample: [E, N]."""
        return super().losses(self.outputs(logits), labels)

    def plan(self, exits: int) -> tuple[Phase, ...]:
        """One phase."""
        return equilibrium_plan(exits) if self.rescaled else super().plan(exits)
