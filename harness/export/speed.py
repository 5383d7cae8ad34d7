"""How fast an operating point really is: samples that leave are dropped from their batch."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from harness.core.types import Split
from harness.exits import Confidence
from harness.exits.decision import decide
from harness.exits.routing import route
from harness.export.point import OperatingPoint
from harness.export.programs import trained
from harness.results import trials
from harness.training.compaction import Throughput, throughput
from harness.training.timing import exit_latencies


@dataclass(frozen=True)
class Speed:
    """Measured on one thread of this machine, on the validation part.

    Attributes
    ----------
    latency, static_latency
        Mean seconds per sample, one at a time: of the operating point, and of the full static
        network of the same backbone.
    throughput
        Samples per second in batches: with real compaction, with every exit computed, and of the
        full static network.
    """

    latency: float
    static_latency: float
    throughput: Throughput


def measure_speed(
    study_folder: Path, point: OperatingPoint, policy: Confidence, split: Split, batch: int
) -> Speed:
    """Run an operating point's network, weights and all, and read the clock.

    Raises
    ------
    InputError
        The trial is damaged.
    """
    result = trials.read(study_folder, point.key)
    inputs = split.validation.inputs
    model = trained(study_folder, result.spec, inputs.shape[1:], split.width)
    decision = decide(policy, result.validation, result.validation)
    exits = route(decision.confidence, np.array(point.thresholds))
    latencies = exit_latencies(model, inputs, task=split.task)
    return Speed(
        latency=float(latencies.leaving[exits].mean()),
        static_latency=float(latencies.static[-1]),
        throughput=throughput(model, inputs, exits, batch, task=split.task),
    )
