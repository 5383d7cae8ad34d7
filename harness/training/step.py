"""One training step: forward, backward and parameter update on one batch."""

import torch
from torch import Tensor

from harness.regimes import Lookahead, Penalty, Phase, Regime
from harness.training.model import ExitModel
from harness.training.phases import head_groups, make_auxiliary_optimizer, trains_auxiliary


class Step:
    """The training step of one phase of a regime's plan.

    Parameters
    ----------
    penalty
        The regime's for this phase, added to the loss of every update.
    """

    def __init__(
        self,
        model: ExitModel,
        phase: Phase,
        optimizer: torch.optim.Optimizer,
        *,
        bfloat16: bool,
        penalty: Penalty | None = None,
    ) -> None:
        self._model = model
        self._scales = phase.scales
        self._bfloat16 = bfloat16
        self._optimizer = optimizer
        self._penalty = penalty
        groups = head_groups(phase)
        exits = len(model.network.heads)
        # It reads what all exits give, so that it has no part in a step of fewer.
        auxiliary = model.auxiliary if trains_auxiliary(phase, exits) else None
        self._auxiliary = auxiliary
        self._auxiliary_optimizer = (
            None if auxiliary is None else make_auxiliary_optimizer(auxiliary)
        )
        self._turns = [(heads, model.regime.restricted(heads, exits)) for heads in groups]

    @property
    def learning_rate(self) -> float:
        """Learning rate of the network's next step."""
        return float(self._optimizer.param_groups[0]["lr"])

    def take(self, inputs: Tensor, labels: Tensor, progress: float) -> tuple[Tensor, Tensor]:
        """Train on a batch, without waiting for its device.

        Returns
        -------
        The loss before the update, a scalar, and the mean loss weight of each exit.
        """
        self._look_ahead(inputs, labels, progress)
        turns = [self._turn(*turn, (inputs, labels), progress) for turn in self._turns]
        losses, weights = zip(*turns, strict=True)
        return torch.stack(losses).sum(), torch.cat(weights)

    def _turn(
        self,
        heads: tuple[int, ...],
        regime: Regime,
        batch: tuple[Tensor, Tensor],
        progress: float,
    ) -> tuple[Tensor, Tensor]:
        inputs, labels = batch
        with torch.autocast(inputs.device.type, torch.bfloat16, self._bfloat16):
            logits = self._model.network(inputs, heads, self._scales)
        logits = logits.float()
        auxiliary = self._auxiliary
        loss = regime.loss(logits, labels, progress, auxiliary)
        if self._penalty is not None:
            loss = loss + self._penalty(inputs, logits)
        self._optimizer.zero_grad()
        if self._auxiliary_optimizer is not None:
            self._auxiliary_optimizer.zero_grad()
        torch.autograd.backward(loss)
        self._optimizer.step()
        if self._auxiliary_optimizer is not None:
            self._auxiliary_optimizer.step()
        weights = regime.weights(logits.detach(), labels, progress, auxiliary)
        return loss.detach(), weights.mean(1)

    def _look_ahead(self, inputs: Tensor, labels: Tensor, progress: float) -> None:
        """Train the auxiliary module on the effect of the network's next step."""
        if self._auxiliary_optimizer is None or self._auxiliary is None:
            return
        ahead = Lookahead(self._model.network, inputs, labels, self.learning_rate, progress)
        loss = self._model.regime.meta_loss(self._auxiliary, ahead)
        if loss is None:
            return
        self._auxiliary_optimizer.zero_grad()
        torch.autograd.backward(loss, inputs=list(self._auxiliary.parameters()))
        self._auxiliary_optimizer.step()
