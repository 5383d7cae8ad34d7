"""Sequential training that keeps what the earlier exits predict (Learning without Forgetting)."""

import copy
from dataclasses import dataclass
from typing import Annotated

import torch
from torch import Tensor, nn
from torch.nn import functional

from harness.core.parameters import bounded
from harness.regimes import Penalty, PhaseStart
from harness.regimes.sequential import Sequential


@dataclass(frozen=True)
class SequentialLwF(Sequential):
    """In phase e: l_e + lambda sum_{k<e} KL(p_k^old || p_k), p^old of the network before it.

    Exits added one by one with Learning without Forgetting (Li and Hoiem 2016, arXiv 1606.09282),
    as in arXiv 2605.05358. p^old are the outputs of a frozen copy on the same batch; the earlier
    heads learn with their stages, as Li and Hoiem's do, who also soften both at temperature 2.
    """

    strength: Annotated[
        float, bounded(0, 1000, "lambda, how much earlier exits keep; 0 is plain fine-tuning")
    ] = 1.0

    def penalty(self, start: PhaseStart) -> Penalty | None:
        """The divergence from the network before the phase; None in the first."""
        before = start.phase.heads[:-1]
        if not before:
            return None
        old = frozen_copy(start.network)

        def divergence(inputs: Tensor, logits: Tensor) -> Tensor:
            with torch.no_grad():
                kept = old(inputs, before)
            return self.strength * forgotten(kept, logits[:-1])

        return divergence


def frozen_copy(network: nn.Module) -> nn.Module:
    """A copy of a network without gradients; data that are not stored with its weights are shared.

    Those are a graph's nodes and its adjacency matrix, which is sparse: torch cannot copy it.
    """
    stored = network.state_dict()
    data = {id(buffer): buffer for name, buffer in network.named_buffers() if name not in stored}
    return copy.deepcopy(network, data).requires_grad_(False)


def forgotten(kept: Tensor, logits: Tensor) -> Tensor:
    """Sum over exits of the mean KL divergence from `kept` to `logits`, both [E, N, K]."""
    found = functional.kl_div(
        logits.log_softmax(-1), kept.log_softmax(-1), reduction="none", log_target=True
    )
    return found.sum((0, 2)).mean()
