"""Effect of freezing nodes that left on the predictions of the nodes that stay.

Stored logits come from a pass in which all nodes are updated to the end. In early-exit inference
on a whole scene, a node that left keeps its state. Trains one network as the study
`indian_pines_graph` does under `joint` and compares both on the validation part.
"""

import os
from pathlib import Path

import numpy as np
import torch

from benchmarks.suite.figure import Figure, quick
from harness.core.project import Project
from harness.core.types import Ints
from harness.data.load import ensure, load
from harness.models.backbones.sas_gnn import SASGNN
from harness.models.early_exit import NodeExitNet, build_network
from harness.models.freezing import frozen_inference
from harness.regimes.joint import Joint
from harness.training.device_data import DevicePart
from harness.training.evaluate import exit_logits
from harness.training.model import ExitModel
from harness.training.options import TrainingOptions
from harness.training.seeding import seed_everything
from harness.training.train import train

SPLIT = "indian_pines-graph-10"
SEED = 0
OPTIONS = TrainingOptions(epochs=3 if quick() else 100, batch_size=2048, learning_rate=0.01)
THRESHOLDS = (0.3, 0.5, 0.7, 0.8, 0.9, 0.95, 0.99, 2.0)


def main() -> list[Figure]:
    """Print accuracy and routing shares without and with freezing, for each threshold."""
    torch.set_num_threads(1)
    project = Project(Path.cwd())
    mirror = os.environ.get("HARNESS_DATA_MIRROR")
    ensure(project, SPLIT, Path(mirror) if mirror else None, lambda *_: None)
    split = load(project, SPLIT)
    backbone = SASGNN(widths=(64,) * 6)
    seed_everything(SEED)
    classes = len(split.classes)
    network = build_network(backbone, split.shape.inputs, classes, 0, split.graph)
    if not isinstance(network, NodeExitNet):
        raise TypeError(f"{SPLIT} has no graph")
    model = ExitModel(network, Joint(), classes)
    validation = DevicePart.of(split.validation)
    train(model, DevicePart.of(split.train), validation, OPTIONS, SEED)
    stored = torch.from_numpy(exit_logits(model, validation).values)
    nodes = split.validation.inputs[:, 0].astype(np.int64)
    labels = split.validation.labels
    print(f"{SPLIT}, digest {split.digest[:12]}, seed {SEED}, {len(labels)} validation nodes")
    print(
        f"threshold  {'not frozen: accuracy, shares':34}  {'frozen: accuracy, shares':34}  differ"
    )
    differ, lost = [], []
    for threshold in THRESHOLDS:
        exits = route(stored, threshold)
        predicted = stored.argmax(-1).numpy()[exits, np.arange(len(exits))]
        logits, taken = frozen_inference(network, (threshold,) * (len(network.heads) - 1))
        frozen, frozen_exits = logits.argmax(-1).numpy()[nodes], taken.numpy()[nodes]
        print(
            f"{threshold:9}  {summary(predicted == labels, exits):34}  "
            f"{summary(frozen == labels, frozen_exits):34}  {(predicted != frozen).mean():.4f}"
        )
        differ.append(100 * float((predicted != frozen).mean()))
        lost.append(100 * float((predicted == labels).mean() - (frozen == labels).mean()))
    of = f"{len(THRESHOLDS)} thresholds"
    return [
        Figure(
            "nodes that freezing predicts otherwise, at most",
            max(differ), "per cent", (min(differ), max(differ)), of,
        ),
        Figure(
            "accuracy lost by freezing, at most", max(lost), "points", (min(lost), max(lost)), of
        ),
    ]  # fmt: skip


def route(logits: torch.Tensor, threshold: float) -> Ints:
    """The exit that each node takes by its largest softmax probability: [N] of [E, N, K]."""
    confident = (logits.softmax(-1).amax(-1) >= threshold).numpy()
    confident[-1] = True
    exits: Ints = confident.argmax(0)
    return exits


def summary(correct: np.ndarray, exits: Ints) -> str:
    """Accuracy and the share of nodes that take each exit."""
    shares = np.bincount(exits, minlength=3) / len(exits)
    return f"{correct.mean():.4f}, " + " / ".join(f"{share:.3f}" for share in shares)


if __name__ == "__main__":
    main()
