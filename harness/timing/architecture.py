"""Measured cost of architectures: seconds per sample, one by one or in batches, once for each."""

import functools
from dataclasses import dataclass, fields, replace
from typing import Literal, TypeAlias

import numpy as np
import torch

from harness.core.types import DataShape, Floats
from harness.models.backbones import Backbone
from harness.models.early_exit import build_network
from harness.regimes import Regime
from harness.tasks import task_named
from harness.timing.compaction import batch_times
from harness.timing.latency import PartTimes, exit_latencies
from harness.training.model import ExitModel

Measure: TypeAlias = Literal["latency", "throughput"]

SAMPLES = 8  # that take turns alone: what they are does not matter
BATCH = 256  # the batch of `harness speed`


@dataclass(frozen=True)
class Architecture:
    """What decides, with the regime, how long a network runs.

    Attributes
    ----------
    data
        Shape of one sample, and the task, which says what confidence an exit decides by.
    """

    backbone: Backbone
    data: DataShape

    @property
    def width(self) -> int:
        """K: how many numbers each exit gives per sample."""
        return task_named(self.data.task).width(self.data.names)


@dataclass(frozen=True)
class MeasuredCosts:
    """Seconds per sample: leaving at each exit [E], rising, and the full static network."""

    seconds: Floats
    full: float


def measured_costs(
    architecture: Architecture, regime: Regime, static_exit: int, measure: Measure
) -> MeasuredCosts:
    """Seconds per sample of leaving at each exit of the network that `build_network` makes.

    Parameters
    ----------
    regime
        Counts only by what it does at inference: combined exits, gate heads.
    static_exit
        That of `build_network`.
    measure
        `latency`: samples run one by one. `throughput`: in batches of 256 whose samples all leave
        at that exit, decided and copied as where they leave apart.

    Raises
    ------
    InputError
        As `build_network` does.

    Notes
    -----
    Time depends on the architecture, not on weights: random ones are timed, and torch's global
    generator is left as it is. An architecture is timed once in a process and its static
    counterparts follow from the same clock readings: regimes that run the same network get exactly
    the same numbers, so that noise never ranks them. Between architectures, processes and machines
    compare seconds / full, which were read in the same passes. `exit_latencies` and `batch_times`
    say what counts.
    """
    network = _timed(architecture, Regime(), measure)
    if static_exit:
        # Refuses an exit that is not there.
        build_network(
            architecture.backbone, architecture.data.inputs, architecture.width, static_exit
        )
        seconds = network.static[[static_exit - 1]]
    else:
        own = _timed(architecture, _at_inference(regime), measure)
        seconds = replace(network, decisions=own.decisions).leaving
    return MeasuredCosts(seconds, float(network.static[-1]))


@functools.cache
def _timed(architecture: Architecture, regime: Regime, measure: Measure) -> PartTimes:
    shape, width = architecture.data.inputs, architecture.width
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        model = ExitModel(build_network(architecture.backbone, shape, width), regime, width)
        if measure == "latency":
            inputs = torch.randn(SAMPLES, *shape).numpy()
            return exit_latencies(model, inputs, task=architecture.data.task)
        return batch_times(model, torch.randn(BATCH, *shape).numpy(), task=architecture.data.task)


def _at_inference(regime: Regime) -> Regime:
    """What of a regime is left after training: equal for regimes that run the same."""
    kind = type(regime)
    if kind.outputs is Regime.outputs and kind.gates is Regime.gates:
        return Regime()
    values = {field.name: getattr(regime, field.name) for field in fields(regime)}
    # Real numbers shape no module; ints, bools and names may.
    return kind(**{k: value for k, value in values.items() if np.asarray(value).dtype.kind != "f"})
