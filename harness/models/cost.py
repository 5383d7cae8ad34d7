"""Cost of each exit in MACs and parameters, by torch's FLOP counter (docs/methods.md, "Cost")."""

from collections.abc import Sequence

import numpy as np
import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from harness.core.types import ExitCosts
from harness.models.backbones import Backbone
from harness.models.early_exit import build_network


def exit_costs(
    backbone: Backbone, input_shape: Sequence[int], width: int, static_exit: int = 0
) -> ExitCosts:
    """MACs and parameters of leaving at each exit of the network that `build_network` makes.

    Parameters
    ----------
    input_shape
        [channels, *space] of one sample.
    width
        K: outputs of each exit per sample.

    Notes
    -----
    A multiply-accumulate (MAC) is two of the counter's FLOPs; it counts convolutions and matrix
    products. The network is built on torch's meta device, without computing anything.
    """
    with torch.device("meta"):
        network = build_network(backbone, input_shape, width, static_exit).eval()
        features = torch.empty(1, *input_shape)
        macs, parameters = [], []
        for stage, head in zip(network.stages, network.heads, strict=True):
            stage_macs, features = _run(stage, features)
            macs.append(stage_macs + _run(head, features)[0])
            parameters.append(sum(p.numel() for p in [*stage.parameters(), *head.parameters()]))
        full = build_network(backbone, input_shape, width, backbone.exits).eval()
        full_macs, _ = _run(full, torch.empty(1, *input_shape))
    return ExitCosts(
        macs=np.cumsum(macs, dtype=np.float64),
        full=float(full_macs),
        parameters=np.cumsum(parameters, dtype=np.int64),
    )


def _run(module: nn.Module, inputs: torch.Tensor) -> tuple[int, torch.Tensor]:
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        outputs = module(inputs)
    return counter.get_total_flops() // 2, outputs
