"""Sequential training: the exits are added one after the other to a backbone that goes on learning.

Without anything that holds the earlier exits in place: what `sequential_lwf` and `sequential_ewc`
share, and what both are at strength 0.
"""

from dataclasses import dataclass

import torch
from torch import Tensor

from harness.regimes import Phase, Regime


@dataclass(frozen=True)
class Sequential(Regime):
    """E phases of equal share; in phase e stages 1..e and heads 1..e learn, on l_e alone.

    Heads 1..e-1 get gradients from a penalty alone, but decay as all weights that learn do.
    """

    def eligibility(self, logits: Tensor, labels: Tensor) -> Tensor:
        """1 at the deepest exit so far, 0 at those before: [E, N]."""
        del labels
        eligibility = torch.zeros(logits.shape[:2], dtype=logits.dtype, device=logits.device)
        eligibility[-1] = 1
        return eligibility

    def plan(self, exits: int) -> tuple[Phase, ...]:
        """Phase e: stages and heads 1..e."""
        every = tuple(range(1, exits + 1))
        return tuple(Phase(1 / exits, stages=every[:e], heads=every[:e]) for e in every)
