"""Measured cost of architectures in seconds per sample: latency, or throughput in batches."""

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

_SAMPLES = 8  # run one by one in turn: their values do not matter
THROUGHPUT_BATCH = 256  # the batch of `harness speed`


@dataclass(frozen=True)
class Architecture:
    """Backbone and data shape: with the regime, all that the time of a network depends on.

    Attributes
    ----------
    data
        Shape of one sample, and the task, which determines the confidence of an exit.
    """

    backbone: Backbone
    data: DataShape

    @property
    def width(self) -> int:
        """K: outputs of each exit per sample."""
        return task_named(self.data.task).width(self.data.names)


@dataclass(frozen=True)
class MeasuredCosts:
    """Seconds per sample of leaving at each exit [E], rising, and of the full static network."""

    seconds: Floats
    full: float


def measured_costs(
    architecture: Architecture,
    regime: Regime,
    static_exit: int,
    measure: Measure,
    device: str = "cpu",
) -> MeasuredCosts:
    """Seconds per sample of leaving at each exit of the network that `build_network` makes.

    Parameters
    ----------
    regime
        Matters only by what it runs at inference: combined exits, gate heads.
    static_exit
        As in `build_network`.
    measure
        `latency`: samples run one by one. `throughput`: in batches of 256 whose samples all leave
        at that exit, with the exit decisions and copies of batches that shrink.
    device
        As torch names it; samples lie there before they are timed.

    Raises
    ------
    InputError
        As `build_network` does.

    Notes
    -----
    Time depends on the architecture, not on weights: a network of random weights is timed, without
    changing the state of torch's global generator. An architecture is timed once in a process and
    its static counterparts follow from the same clock readings: regimes that run the same network
    get exactly the same numbers, so that noise never ranks them. Between architectures, processes
    and machines compare seconds / full, which were measured in the same passes. `exit_latencies`
    and `batch_times` state what is included.
    """
    network = _timed(architecture, Regime(), measure, device)
    if static_exit:
        # Raises InputError for an exit that does not exist.
        build_network(
            architecture.backbone, architecture.data.inputs, architecture.width, static_exit
        )
        seconds = network.static[[static_exit - 1]]
    else:
        own = _timed(architecture, _at_inference(regime), measure, device)
        seconds = replace(network, decisions=own.decisions).leaving
    return MeasuredCosts(seconds, float(network.static[-1]))


@functools.cache
def _timed(architecture: Architecture, regime: Regime, measure: Measure, device: str) -> PartTimes:
    shape, width = architecture.data.inputs, architecture.width
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        network = build_network(architecture.backbone, shape, width)
        model = ExitModel(network, regime, width).to(device)
        if measure == "latency":
            inputs = torch.randn(_SAMPLES, *shape).numpy()
            return exit_latencies(model, inputs, task=architecture.data.task)
        inputs = torch.randn(THROUGHPUT_BATCH, *shape).numpy()
        return batch_times(model, inputs, task=architecture.data.task)


def _at_inference(regime: Regime) -> Regime:
    """The part of a regime that runs at inference: equal for regimes that run the same."""
    kind = type(regime)
    if kind.outputs is Regime.outputs and kind.gates is Regime.gates:
        return Regime()
    values = {field.name: getattr(regime, field.name) for field in fields(regime)}
    # Floats change no module's architecture; ints, bools and names may.
    return kind(**{k: value for k, value in values.items() if np.asarray(value).dtype.kind != "f"})
