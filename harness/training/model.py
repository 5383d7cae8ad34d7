"""What is trained, stored and run: a network, and what its regime lets learn beside it."""

import dataclasses

import numpy as np
import torch
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

from harness.core.types import ExitCosts, Weights
from harness.models.early_exit import EarlyExitNet
from harness.regimes import Regime


class ExitModel(nn.Module):
    """A network under its regime.

    Parameters
    ----------
    width
        K: how many numbers each exit gives per sample.
    """

    def __init__(self, network: EarlyExitNet, regime: Regime, width: int) -> None:
        super().__init__()
        self.network = network
        self.regime = regime
        self.width = width
        self.companion = regime.companion(len(network.heads))

    @property
    def device(self) -> torch.device:
        """Where the parameters are."""
        return next(self.parameters()).device

    def forward(self, inputs: Tensor) -> tuple[Tensor, Tensor | None]:
        """What the exits answer with, [E, N, K], and their gate heads' probabilities [E, N]."""
        logits = self.regime.outputs(self.network(inputs))
        return logits, self.regime.gates(logits, self.companion)

    def weights(self) -> Weights:
        """All parameters: the network's by their names, the companion's below `companion.`."""
        beside = {} if self.companion is None else self.companion.state_dict(prefix="companion.")
        every = {**self.network.state_dict(), **beside}
        return {name: value.cpu().numpy() for name, value in every.items()}

    def with_gates(self, costs: ExitCosts) -> ExitCosts:
        """The network's costs with those of the gate heads that a sample passes.

        All exits have gates of equal size. The last one needs none: every sample that comes so far
        leaves there.
        """
        exits = len(costs.macs)
        logits = torch.zeros(exits, 1, self.width, device=self.device)
        with FlopCounterMode(display=False) as counter, torch.no_grad():
            if self.regime.gates(logits, self.companion) is None or self.companion is None:
                return costs
        passed = np.minimum(np.arange(1, exits + 1), exits - 1)
        size = sum(parameter.numel() for parameter in self.companion.parameters())
        return dataclasses.replace(
            costs,
            macs=costs.macs + passed * (counter.get_total_flops() // (2 * exits)),
            parameters=costs.parameters + passed * (size // exits),
        )
