"""Joint training of all exits, with fixed or annealed exit weights."""

from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal

import torch
from torch import Tensor

from harness.core.parameters import described
from harness.core.types import EVERY_TASK, TaskName
from harness.regimes import Regime


@dataclass(frozen=True)
class Joint(Regime):
    """w_e = lambda_e a_e (BranchyNet, arXiv 1709.01686; SDN, arXiv 1810.07052).

    Presets of a: `uniform` is 1 for every exit; `linear_ramp` is e / E, which favours deeper exits
    (SDN's relative depth); `branchynet` is 1 for the first exit and 0.3 for the others. Any other
    weights are given by `lambda_start` and `lambda_end`, which multiply the preset.
    """

    tasks: ClassVar[tuple[TaskName, ...]] = EVERY_TASK

    preset: Annotated[
        Literal["uniform", "linear_ramp", "branchynet"], described("relative weights of the exits")
    ] = "uniform"

    def eligibility(self, logits: Tensor, labels: Tensor) -> Tensor:
        """The preset's a_e, the same for every sample: [E, N]."""
        del labels
        exits, samples = logits.shape[:2]
        scale = torch.ones(exits, dtype=logits.dtype, device=logits.device)
        if self.preset == "linear_ramp":
            scale = torch.arange(1, exits + 1, dtype=logits.dtype, device=logits.device) / exits
        if self.preset == "branchynet":
            scale[1:] = 0.3
        return scale[:, None].expand(exits, samples)
