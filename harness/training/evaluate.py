"""Evaluation: outputs of every exit on a whole part."""

import numpy as np
import torch
from torch import Tensor

from harness.core.types import ExitLogits, Logits, Part
from harness.models.early_exit import NodeExitNet
from harness.training.model import ExitModel

EVALUATION_BATCH = 1000


def exit_logits(model: ExitModel, part: Part) -> ExitLogits:
    """Outputs of every exit on a part, computed in batches without gradient."""
    model.eval()
    inputs = torch.from_numpy(part.inputs)
    # Each batch of nodes would run the whole graph again.
    size = len(inputs) if isinstance(model.network, NodeExitNet) else EVALUATION_BATCH
    with torch.inference_mode():
        found = [model(batch.to(model.device)) for batch in torch.split(inputs, size)]
    values = _join([logits for logits, _ in found])
    gates = [gate for _, gate in found if gate is not None]
    return ExitLogits(values, part.labels, _join(gates) if gates else None)


def _join(batches: list[Tensor]) -> Logits:
    return torch.cat(batches, 1).cpu().numpy().astype(np.float32)
