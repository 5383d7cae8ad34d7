"""What one optimiser step of a stack computes: losses and loss weights of each member."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from harness.regimes import Regime
from harness.training.model import ExitModel
from harness.training.stacked_operations import stacked_operations
from harness.training.stacked_state import State

AUXILIARY = "auxiliary."
"""Prefix of the names of an auxiliary module's parameters."""


class Turn(nn.Module):
    """What one optimiser step of a batch computes of a model, as functions of its values."""

    def __init__(
        self,
        model: ExitModel,
        heads: tuple[int, ...],
        regime: Regime,
        scales: tuple[tuple[float, float], ...],
        auxiliary: bool,
    ) -> None:
        super().__init__()
        self.model = model
        self._heads, self._scales, self._regime = heads, scales, regime
        self.has_auxiliary = auxiliary
        # Not a part of this module: its parameters would have two names.
        self._weighing = (_Weighing(model, regime),)
        names = [name for name, _ in model.named_parameters(remove_duplicate=False)]
        self._tied = len(names) > len([*model.parameters()])

    def forward(
        self, inputs: Tensor, labels: Tensor, progress: float
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Loss of a batch, the logits that it is of, and their loss weights without auxiliary."""
        logits = self.model.network(inputs, self._heads, self._scales).float()
        auxiliary = self.model.auxiliary if self.has_auxiliary else None
        loss = self._regime.loss(logits, labels, progress, auxiliary)
        return loss, logits, self._regime.weights(logits.detach(), labels, progress)

    def losses(
        self, values: State, batch: tuple[Tensor, Tensor], progress: float
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Of each member the loss [T], logits [T, E, N, K] and loss weights [T, E, N]."""

        def of_one(state: State, inputs: Tensor, labels: Tensor) -> tuple[Tensor, Tensor, Tensor]:
            found: tuple[Tensor, Tensor, Tensor] = torch.func.functional_call(
                self, _named(state), (inputs, labels, progress), tie_weights=self._tied
            )
            return found

        with stacked_operations(batch[0].device):
            losses, logits, weights = torch.func.vmap(of_one)(values, *batch)
        return losses, logits, weights

    @torch.no_grad()
    def weights(self, values: State, logits: Tensor, labels: Tensor, progress: float) -> Tensor:
        """Loss weights [T, E, N] that the logits have under auxiliary modules as they are now."""
        (weighing,) = self._weighing
        own = {name: value for name, value in values.items() if name.startswith(AUXILIARY)}

        def of_one(state: State, z: Tensor, y: Tensor) -> Tensor:
            weights: Tensor = torch.func.functional_call(weighing, dict(state), (z, y, progress))
            return weights

        learnt: Tensor = torch.func.vmap(of_one)(own, logits, labels)
        return learnt

    def trained(
        self, names: Sequence[str], values: State, batch: tuple[Tensor, Tensor], progress: float
    ) -> list[str]:
        """The parameters among `names` that the loss depends on, found out with one member.

        Torch's optimisers pass over all others: they do not even decay.
        """
        one = {name: value[0].clone() for name, value in values.items()}
        leaves = [one[name].requires_grad_() for name in names]
        with torch.enable_grad():
            loss, *_ = torch.func.functional_call(self, _named(one), (*batch, progress))
            gradients = torch.autograd.grad(loss, leaves, allow_unused=True)
        pairs = zip(names, gradients, strict=True)
        return [name for name, gradient in pairs if gradient is not None]


class _Weighing(nn.Module):
    """The loss weights of a regime, as a function of its auxiliary module's parameters."""

    def __init__(self, model: ExitModel, regime: Regime) -> None:
        super().__init__()
        self.auxiliary = model.auxiliary
        self._regime = regime

    def forward(self, logits: Tensor, labels: Tensor, progress: float) -> Tensor:
        """Loss weights [E, N]."""
        return self._regime.weights(logits, labels, progress, self.auxiliary)


def _named(state: State) -> dict[str, Tensor]:
    return {f"model.{name}": value for name, value in state.items()}
