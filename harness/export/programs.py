"""Each stage of a trained network as a torch.export program of its own."""

from collections.abc import Sequence
from pathlib import Path

import torch
from torch import Tensor, nn

from harness.training.model import ExitModel

_TRACED = 2
"""Samples that a program is traced with; a batch of one would become a constant."""


class ExitStage(nn.Module):
    """Stage and head e of a network, with the regime's outputs of the exits so far.

    Parameters
    ----------
    index
        e - 1.
    """

    def __init__(self, model: ExitModel, index: int) -> None:
        super().__init__()
        self.stage = model.network.stages[index]
        self.head = model.network.heads[index]
        self.regime = model.regime
        self.auxiliary = model.auxiliary
        self.exits = len(model.network.heads)

    def forward(self, features: Tensor, heads: Tensor | None = None) -> tuple[Tensor, ...]:
        """Features for the next stage, and the outputs of exits 1..e.

        Parameters
        ----------
        features
            Output of the stage before; the network's inputs for the first stage.
        heads
            Logits of the heads before: [e-1, N, K]; none for the first stage.

        Returns
        -------
        tuple
            Features [N, ...], the heads' logits [e, N, K], the exits' outputs [e, N, K] and, where
            the network has gate heads, their probabilities [e, N].
        """
        features = self.stage(features)
        newest = self.head(features)[None]
        heads = newest if heads is None else torch.cat([heads, newest])
        # Regimes read all exits at once, but no output depends on a deeper head: zeros stand in.
        deeper = heads.new_zeros(self.exits - len(heads), *heads.shape[1:])
        outputs = self.regime.outputs(torch.cat([heads, deeper]))
        gates = self.regime.gates(outputs, self.auxiliary)
        passed = len(heads)
        if gates is None:
            return features, heads, outputs[:passed]
        return features, heads, outputs[:passed], gates[:passed]


def write_programs(model: ExitModel, input_shape: Sequence[int], folder: Path) -> tuple[str, ...]:
    """Write each stage as a torch.export program for any batch size; returns the files' names."""
    state: tuple[Tensor, ...] = (torch.zeros(_TRACED, *input_shape),)
    names = []
    for index in range(len(model.network.heads)):
        stage = ExitStage(model, index).eval()
        batch = torch.export.Dim("batch", min=1)
        dynamic = ({0: batch}, {1: batch})[: len(state)]
        program = torch.export.export(stage, state, dynamic_shapes=dynamic)
        for node in program.graph.nodes:
            # It would name folders of the machine that exports.
            node.meta.pop("stack_trace", None)
        names.append(f"stage_{index + 1}.pt2")
        torch.export.save(program, folder / names[-1])
        state = stage(*state)[:2]
    return tuple(names)
