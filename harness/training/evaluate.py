"""Evaluation: outputs of every exit on a whole part."""

import numpy as np
import torch
from torch import Tensor

from harness.core.types import ExitLogits, Logits
from harness.models.early_exit import NodeExitNet
from harness.training.device_data import DevicePart
from harness.training.model import ExitModel

EVALUATION_BATCH = 1000


def exit_logits(model: ExitModel, part: DevicePart) -> ExitLogits:
    """Outputs of every exit on a part, computed in batches without gradient."""
    model.eval()
    # Each batch of nodes would run the whole graph again.
    size = len(part) if isinstance(model.network, NodeExitNet) else EVALUATION_BATCH
    with torch.inference_mode():
        found = [model(batch.standardised()) for batch in part.batches(size)]
    values = _join([logits for logits, _ in found])
    gates = [gate for _, gate in found if gate is not None]
    return ExitLogits(values, part.labels.cpu().numpy(), _join(gates) if gates else None)


def _join(batches: list[Tensor]) -> Logits:
    return torch.cat(batches, 1).cpu().numpy().astype(np.float32)
