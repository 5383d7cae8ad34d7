"""Optimisers of stacked parameters: those of torch, with coefficients of each member's own.

Torch's take one learning rate for all that a tensor holds.
"""

from collections.abc import Sequence
from typing import Protocol

import torch
from torch import Tensor

from harness.training.options import TrainingOptions
from harness.training.phases import AUXILIARY_DECAY, make_schedule

_FIRST, _SECOND, _EPSILON = 0.9, 0.999, 1e-8
"""AdamW's decay of the two moments and what is added to the denominator: torch's defaults."""


class StackedOptimizer(Protocol):
    """Updates the parameters [T, P] of T members in place.

    Attributes
    ----------
    values
        The parameters, a leaf of autograd.
    """

    values: Tensor

    def update(self, gradient: Tensor, rate: Tensor | float) -> None:
        """Take a step by the gradients [T, P] at learning rates [T, 1], or one of all."""

    def keep(self, rows: Tensor) -> None:
        """Go on with some of the members."""


class StackedAdamW:
    """AdamW (Loshchilov and Hutter 2019), as `torch.optim.AdamW` computes it when it is fused.

    Coefficients are of `precision_on` the device until they meet a parameter, as those of torch
    are: what they round otherwise, training enlarges.

    Parameters
    ----------
    decay
        Of each member: [T, 1], in the `precision_on` its device.
    """

    def __init__(self, values: Tensor, decay: Tensor) -> None:
        self.values = values.detach().requires_grad_()
        self._decay = decay
        self._mean, self._square = torch.zeros_like(values), torch.zeros_like(values)
        # On the device: a recorded step (`stacked_graphs`) counts by itself.
        precision = precision_on(values.device)
        self._steps = torch.zeros((), dtype=precision, device=values.device)

    @torch.no_grad()
    def update(self, gradient: Tensor, rate: Tensor | float) -> None:
        """As `StackedOptimizer.update`."""
        self._steps += 1
        self._mean.lerp_(gradient, 1 - _FIRST)
        self._square.mul_(_SECOND).addcmul_(gradient, gradient, value=1 - _SECOND)
        root = (1 - _SECOND**self._steps).sqrt()
        denominator = (self._square.sqrt() / root).add_(_EPSILON)
        size = (rate / (1 - _FIRST**self._steps)).to(self.values.dtype)
        self.values.mul_((1 - rate * self._decay).to(self.values.dtype))
        self.values.sub_((self._mean * size).div_(denominator))

    def keep(self, rows: Tensor) -> None:
        """As `StackedOptimizer.keep`."""
        self.values = self.values.detach()[rows].requires_grad_()
        self._decay = self._decay[rows]
        self._mean, self._square = self._mean[rows], self._square[rows]


class StackedSGD:
    """SGD with Nesterov's momentum, as `torch.optim.SGD` computes it.

    Parameters
    ----------
    decay, momentum
        Of each member: [T, 1], in the `precision_on` its device.
    """

    def __init__(self, values: Tensor, decay: Tensor, momentum: Tensor) -> None:
        self.values = values.detach().requires_grad_()
        self._decay, self._momentum = decay.to(values.dtype), momentum.to(values.dtype)
        self._velocity: Tensor | None = None

    @torch.no_grad()
    def update(self, gradient: Tensor, rate: Tensor | float) -> None:
        """As `StackedOptimizer.update`."""
        gradient = gradient + self._decay * self.values
        if self._velocity is None:
            self._velocity = gradient.clone()
        else:
            self._velocity.mul_(self._momentum).add_(gradient)
        moved = gradient + self._momentum * self._velocity
        self.values.sub_(moved.mul_(rate))

    def keep(self, rows: Tensor) -> None:
        """As `StackedOptimizer.keep`."""
        self.values = self.values.detach()[rows].requires_grad_()
        self._decay, self._momentum = self._decay[rows], self._momentum[rows]
        if self._velocity is not None:
            self._velocity = self._velocity[rows]


def make_stacked_optimizer(values: Tensor, options: Sequence[TrainingOptions]) -> StackedOptimizer:
    """The optimiser of one phase for parameters [T, P].

    Parameters
    ----------
    options
        Of each member; all name the same optimiser.
    """
    decay = _column([each.weight_decay for each in options], values)
    if options[0].optimizer == "sgd":
        return StackedSGD(values, decay, _column([each.momentum for each in options], values))
    return StackedAdamW(values, decay)


def make_stacked_auxiliary_optimizer(values: Tensor) -> StackedOptimizer:
    """The optimiser of auxiliary modules' parameters [T, P], the same in every study."""
    return StackedAdamW(values, _column([AUXILIARY_DECAY] * len(values), values))


def learning_rates(options: Sequence[TrainingOptions], steps: int) -> Tensor:
    """Learning rates before each of the `steps` of a phase and after the last.

    Returns
    -------
    float64 [steps + 1, T].
    """
    different = dict.fromkeys(options)
    found = {each: _rates(each, steps) for each in different}
    return torch.tensor([found[each] for each in options], dtype=torch.float64).T


def precision_on(device: torch.device) -> torch.dtype:
    """In which coefficients are held on a device: float64, which MPS does not have."""
    return torch.float32 if device.type == "mps" else torch.float64


def _rates(options: TrainingOptions, steps: int) -> list[float]:
    """The rates of torch's own schedule, run beforehand."""
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=options.learning_rate)
    schedule = make_schedule(optimizer, options, steps)
    rates = [float(optimizer.param_groups[0]["lr"])]
    for _ in range(steps):
        optimizer.step()
        schedule.step()
        rates.append(float(optimizer.param_groups[0]["lr"]))
    return rates


def _column(values: Sequence[float], like: Tensor) -> Tensor:
    return torch.tensor(values, dtype=precision_on(like.device), device=like.device)[:, None]
