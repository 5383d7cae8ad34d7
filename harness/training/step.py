"""One step of training: a batch forward, its loss backward, the parameters moved."""

import torch
from torch import Tensor

from harness.regimes import Lookahead, Phase, Regime
from harness.training.model import ExitModel
from harness.training.phases import make_auxiliary_optimizer


class Step:
    """The step of one phase, as its regime's plan asks for it."""

    def __init__(
        self, model: ExitModel, phase: Phase, optimizer: torch.optim.Optimizer, bfloat16: bool
    ) -> None:
        self._model = model
        self._scales = phase.scales
        self._bfloat16 = bfloat16
        self._optimizer = optimizer
        auxiliary = model.auxiliary
        self._beside = make_auxiliary_optimizer(auxiliary) if auxiliary is not None else None
        groups = [(head,) for head in phase.heads] if phase.one_by_one else [phase.heads]
        exits = len(model.network.heads)
        self._turns = [(heads, model.regime.restricted(heads, exits)) for heads in groups]

    @property
    def learning_rate(self) -> float:
        """Of the network's next move."""
        return float(self._optimizer.param_groups[0]["lr"])

    def take(self, inputs: Tensor, labels: Tensor, progress: float) -> tuple[float, Tensor]:
        """Learn from a batch; returns the loss before it and the mean loss weight per exit."""
        self._look_ahead(inputs, labels, progress)
        total, weights = 0.0, []
        for heads, regime in self._turns:
            loss, weight = self._turn(heads, regime, (inputs, labels), progress)
            total += loss
            weights.append(weight)
        return total, torch.cat(weights)

    def _turn(
        self,
        heads: tuple[int, ...],
        regime: Regime,
        batch: tuple[Tensor, Tensor],
        progress: float,
    ) -> tuple[float, Tensor]:
        inputs, labels = batch
        with torch.autocast(inputs.device.type, torch.bfloat16, self._bfloat16):
            logits = self._model.network(inputs, heads, self._scales)
        logits = logits.float()
        auxiliary = self._model.auxiliary
        loss = regime.loss(logits, labels, progress, auxiliary)
        self._optimizer.zero_grad()
        if self._beside is not None:
            self._beside.zero_grad()
        torch.autograd.backward(loss)
        self._optimizer.step()
        if self._beside is not None:
            self._beside.step()
        weights = regime.weights(logits.detach(), labels, progress, auxiliary)
        return float(loss.detach()), weights.mean(1)

    def _look_ahead(self, inputs: Tensor, labels: Tensor, progress: float) -> None:
        """Let the auxiliary learn from what the network's step would do."""
        if self._beside is None or self._model.auxiliary is None:
            return
        ahead = Lookahead(self._model.network, inputs, labels, self.learning_rate, progress)
        loss = self._model.regime.meta_loss(self._model.auxiliary, ahead)
        if loss is None:
            return
        self._beside.zero_grad()
        torch.autograd.backward(loss, inputs=list(self._model.auxiliary.parameters()))
        self._beside.step()
