"""Exits learn less from samples that the exit before them is sure of."""

from dataclasses import dataclass
from typing import Annotated

import torch
from torch import Tensor

from harness.core.parameters import bounded
from harness.regimes import Regime

# The first line of this file is what `harness list regimes` shows: a sentence.


@dataclass(frozen=True)
class Template(Regime):
    """g_1 = 1, g_e = 1 - strength * p_{e-1}(y): say here what it computes, and where it is from."""

    # Each field is a parameter that a study may fix or search: its type, range, meaning, default.
    strength: Annotated[float, bounded(0, 1, "how little a sample counts that is known")] = 0.5

    # A regime is for classification; one that is for real-valued labels as well says
    #     tasks: ClassVar[tuple[TaskName, ...]] = EVERY_TASK   (from harness.core.types)
    # Other methods that may be overridden, each documented in harness/regimes/__init__.py: `plan`
    # (phases), `weights`, `losses`, `loss`, `penalty`, `outputs`, `auxiliary`, `restricted`.

    def eligibility(self, logits: Tensor, labels: Tensor) -> Tensor:
        """How much each exit may learn from each sample: [E, N] in [0, 1].

        Parameters
        ----------
        logits
            float [E, N, K], detached: of all exits that this step trains.
        labels
            int64 [N].
        """
        before = logits[:-1].softmax(-1)
        index = labels.expand(before.shape[:2]).unsqueeze(-1)
        known = before.gather(-1, index).squeeze(-1)  # p_e(y) of all exits but the last: [E-1, N]
        return torch.cat([torch.ones_like(logits[:1, :, 0]), 1 - self.strength * known])
