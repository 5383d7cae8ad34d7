"""Logits of every exit over a whole part."""

import numpy as np
import torch

from harness.core.types import ExitLogits, Part
from harness.models.early_exit import EarlyExitNet

BATCH = 1000


def exit_logits(network: EarlyExitNet, part: Part) -> ExitLogits:
    """Logits float32 [E, N, K] of a part, computed in batches without gradient."""
    network.eval()
    device = next(network.parameters()).device
    inputs = torch.from_numpy(part.inputs)
    with torch.inference_mode():
        values = [network(batch.to(device)) for batch in torch.split(inputs, BATCH)]
    return ExitLogits(torch.cat(values, 1).cpu().numpy().astype(np.float32), part.labels)
