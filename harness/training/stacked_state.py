"""States of stacked models: parameters and buffers by name, with a first axis of members."""

from collections.abc import Mapping, Sequence
from typing import TypeAlias

import torch
from torch import Tensor

from harness.training.model import ExitModel

State: TypeAlias = Mapping[str, Tensor]
"""Parameters and buffers by name: of one member, or [T, ...] of a stack."""


def state_of(model: ExitModel) -> dict[str, Tensor]:
    """Copies of a model's parameters and buffers, by name."""
    named = [*model.named_parameters(), *model.named_buffers()]
    return {name: value.detach().clone() for name, value in named}


@torch.no_grad()
def load_state(model: ExitModel, state: State) -> None:
    """Give a model the parameters and buffers of a member."""
    for name, value in [*model.named_parameters(), *model.named_buffers()]:
        value.copy_(state[name])


def stacked(states: Sequence[State], device: torch.device) -> dict[str, Tensor]:
    """The states of T members, with a first axis of members, on a device."""
    return {name: torch.stack([state[name] for state in states]).to(device) for name in states[0]}


def on_cpu(state: State) -> dict[str, Tensor]:
    """A stack's state on the CPU, where its members' parts are taken from it one by one."""
    return {name: value.cpu() for name, value in state.items()}


def row_of(state: State, row: int) -> dict[str, Tensor]:
    """A copy of one member's part of a stack's state."""
    return {name: value[row].clone() for name, value in state.items()}
