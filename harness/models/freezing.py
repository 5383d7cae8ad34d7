"""Early-exit inference on a graph with frozen nodes: a node that left keeps its state."""

from collections.abc import Sequence

import torch
from torch import Tensor

from harness.core.errors import InputError
from harness.models.early_exit import NodeExitNet


def frozen_inference(network: NodeExitNet, thresholds: Sequence[float]) -> tuple[Tensor, Tensor]:
    """Run all nodes; those that left keep their state, which their neighbours go on reading.

    A node leaves at the first exit whose largest softmax probability reaches its threshold. With
    thresholds above 1 no node freezes, and all predictions are those of the last exit.

    Parameters
    ----------
    thresholds
        [E-1].

    Returns
    -------
    tuple
        Logits [V, K] of each node at the exit that it takes, and that exit's index, int64 [V].

    Raises
    ------
    InputError
        Thresholds are not one per exit but the last, or blocks differ in width, so that a later
        block cannot read an earlier state.
    """
    exits = len(network.heads)
    if len(thresholds) != exits - 1:
        raise InputError(f"thresholds: {exits - 1} for {exits} exits, found {len(thresholds)}")
    with torch.inference_mode():
        states = network.nodes
        taken = torch.full((len(states),), exits - 1)
        inside = torch.ones(len(states), dtype=torch.bool)
        taken_logits = torch.empty(0)
        for index, (stage, head) in enumerate(zip(network.stages, network.heads, strict=True)):
            for block in stage.children():
                states = _advance(states, block(states), inside)
            logits = head(states)
            kept = taken_logits if index else logits
            taken_logits = torch.where(inside[:, None], logits, kept)
            if index < exits - 1:
                leaves = inside & (logits.softmax(-1).amax(-1) >= thresholds[index])
                taken[leaves] = index
                inside = inside & ~leaves
    return taken_logits, taken


def _advance(states: Tensor, moved: Tensor, inside: Tensor) -> Tensor:
    """The updated states of the nodes inside; those of the others unchanged."""
    if bool(inside.all()):
        return moved
    if states.shape != moved.shape:
        widths = f"{states.shape[1]} and {moved.shape[1]}"
        raise InputError(
            f"backbone: widths: frozen inference needs blocks of one width, found {widths}"
        )
    return torch.where(inside[:, None], moved, states)
