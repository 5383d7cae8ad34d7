"""Cost in measured time, on one CPU thread: latency per exit, throughput of shrinking batches."""

import contextlib
import functools
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields, replace
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from harness.core.errors import InputError
from harness.core.types import Floats, Ints, Logits
from harness.models import Backbone
from harness.models.early_exit import build_network
from harness.regimes import Regime
from harness.training.model import ExitModel

Inputs: TypeAlias = npt.NDArray[np.float32]

REPEATS, WARM_UP = 300, 30
NEVER = 2.0  # a threshold that no confidence reaches


@dataclass(frozen=True)
class Latencies:
    """Seconds that one sample, alone in its batch, spends in each part of a network: [E] each.

    A decision is whether to leave; the last exit's is only what its regime adds to the answer.
    """

    stages: Floats
    heads: Floats
    decisions: Floats

    @property
    def leaving(self) -> Floats:
        """Seconds to leave at each exit [E], rising: all stages, heads and decisions passed."""
        return np.cumsum(self.stages + self.heads + self.decisions)

    @property
    def static(self) -> Floats:
        """Seconds of the static network that ends in each exit [E]; the last is the reference."""
        return np.cumsum(self.stages) + self.heads


@dataclass(frozen=True)
class MeasuredCosts:
    """As `ExitCosts`, in seconds: leaving at each exit [E], rising, and the full static network."""

    seconds: Floats
    full: float


@dataclass(frozen=True)
class Throughput:
    """Samples per second of one network, run in batches in three ways.

    `compacted` drops the samples that left before each stage; `every_exit` runs all stages and
    heads on all samples and picks the answers afterwards (early exit only simulated); `static` is
    the full static network, its last head alone, on all samples.
    """

    compacted: float
    every_exit: float
    static: float


def measured_costs(
    backbone: Backbone,
    input_shape: Sequence[int],
    width: int,
    regime: Regime,
    static_exit: int = 0,
) -> MeasuredCosts:
    """Batch-1 latency of leaving at each exit of the network that `build_network` makes.

    Parameters
    ----------
    regime
        Counts only by what it does at inference: combined exits, gate heads.

    Raises
    ------
    InputError
        As `build_network` does; the other parameters are its own too.

    Notes
    -----
    Time depends on the architecture, not on weights: random ones are timed, and torch's global
    generator is left as it is. An architecture is timed once in a process and its static
    counterparts follow from the same clock readings: regimes that run the same network get exactly
    the same numbers, so that noise never ranks them. Between architectures, processes and machines
    compare seconds / full, which were read in the same passes. `exit_latencies` says what counts.
    """
    shape = tuple(input_shape)
    network = _of_architecture(backbone, shape, width, Regime())
    if static_exit:
        build_network(backbone, shape, width, static_exit)  # refuses an exit that is not there
        seconds = network.static[[static_exit - 1]]
    else:
        own = _of_architecture(backbone, shape, width, _at_inference(regime))
        seconds = replace(network, decisions=own.decisions).leaving
    return MeasuredCosts(seconds, float(network.static[-1]))


def exit_latencies(model: ExitModel, inputs: Inputs, repeats: int = REPEATS) -> Latencies:
    """Time the parts of a network on one sample at a time: medians over `repeats` passes.

    Parameters
    ----------
    inputs
        float32 [N, channels, *space]; the passes take one each, in turn.

    Raises
    ------
    InputError
        There is nothing to time.

    Notes
    -----
    Each pass goes through all parts as inference does and reads the clock between them: a slow
    moment of the machine hits all exits alike, and sums of medians rise with the exit.

    Included: at every exit but the last a decision, which is the largest softmax probability
    against a threshold, up to a Python bool, since the next stage waits for it, and one gate head
    where the regime has any; at every exit an even share of combining the exits. Not included:
    dearer policies' confidences, and the argmax of the answer, which static networks need as well.
    """
    _at_least_one(inputs=len(inputs), repeats=repeats)
    samples = torch.split(torch.from_numpy(inputs), 1)
    with _still(model):
        gate = model.regime.companion(1)
        turns = range(-WARM_UP, repeats)
        passes = [_timed_pass(model, gate, samples[turn % len(samples)]) for turn in turns]
    seconds = np.median(np.diff(passes[WARM_UP:], axis=1), axis=0) / 1e9
    exits = len(model.network.heads)
    stages, heads, decisions = seconds[: 3 * exits].reshape(exits, 3).T
    combining, gating = seconds[-2:]
    decisions = np.append(decisions[:-1] + gating, 0) + combining / exits
    return Latencies(stages, heads, decisions)


def throughput(
    model: ExitModel, inputs: Inputs, route: Ints, batch: int, repeats: int = 5
) -> Throughput:
    """Samples per second with batches that shrink as samples leave, and without.

    Parameters and errors are those of `leaving_logits`. Each batch is run in the three ways one
    after the other, `repeats` times; its medians count. With compaction a sample pays for the
    confidence at each exit that it passes but the last (the largest softmax probability), though
    the route is given; the other two ways pay for none. Gate heads are not run.
    """
    _at_least_one(repeats=repeats)
    batches = _batches(model, inputs, route, batch)
    ways = (_compacted, _every_exit, _static)
    seconds = np.zeros((repeats, len(batches), len(ways)))
    with _still(model):
        for way in ways:
            way(model, *batches[0])
        for place in np.ndindex(seconds.shape):
            start = time.perf_counter_ns()
            ways[place[2]](model, *batches[place[1]])
            seconds[place] = (time.perf_counter_ns() - start) / 1e9
    return Throughput(*(len(inputs) / np.median(seconds, axis=0).sum(0)).tolist())


def leaving_logits(
    model: ExitModel, inputs: Inputs, route: Ints, batch: int, compact: bool = True
) -> Logits:
    """What each sample is answered with at the exit that it takes: float32 [N, K].

    Parameters
    ----------
    inputs
        float32 [N, channels, *space], of which `batch` enter together.
    route
        int64 [N]: index (from 0) of the exit that each sample takes.
    compact
        Later stages see only the samples that are left; else all, for the same answers.

    Raises
    ------
    InputError
        There are no samples, or the route does not fit them.
    """
    batches = _batches(model, inputs, route, batch)
    way = _compacted if compact else _every_exit
    with _still(model):
        found: Logits = torch.cat([way(model, *each) for each in batches]).numpy()
    return found


@functools.cache
def _of_architecture(
    backbone: Backbone, shape: tuple[int, ...], width: int, regime: Regime
) -> Latencies:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        model = ExitModel(build_network(backbone, shape, width), regime, width)
        return exit_latencies(model, torch.randn(8, *shape).numpy())


def _at_inference(regime: Regime) -> Regime:
    """What of a regime is left after training: equal for regimes that run the same."""
    kind = type(regime)
    if kind.outputs is Regime.outputs and kind.gates is Regime.gates:
        return Regime()
    values = {field.name: getattr(regime, field.name) for field in fields(regime)}
    # Real numbers shape no module; ints, bools and names may.
    return kind(**{k: value for k, value in values.items() if np.asarray(value).dtype.kind != "f"})


def _timed_pass(model: ExitModel, gate: nn.Module | None, sample: Tensor) -> list[int]:
    """Clock readings (ns) around each stage, head and decision, and what the regime adds."""
    now, features, logits = time.perf_counter_ns, sample, []
    stamps = [now()]
    for stage, head in zip(model.network.stages, model.network.heads, strict=True):
        features = stage(features)
        stamps.append(now())
        logits.append(head(features))
        stamps.append(now())
        bool(logits[-1].softmax(-1).amax(-1) < NEVER)
        stamps.append(now())
    stacked, one = torch.stack(logits), logits[0][None]
    stamps.append(now())
    model.regime.outputs(stacked)
    stamps.append(now())
    model.regime.gates(one, gate)
    return [*stamps, now()]


def _compacted(model: ExitModel, inputs: Tensor, route: Tensor) -> Tensor:
    heads = model.network.heads
    logits = inputs.new_zeros(len(heads), len(inputs), model.width)
    inside, features = torch.arange(len(inputs)), inputs
    for index, (stage, head) in enumerate(zip(model.network.stages, heads, strict=True)):
        features = stage(features)
        found = logits[index, inside] = head(features)
        if index == len(heads) - 1:
            break
        # A policy would decide by the confidence, so it is paid for; the route is what decides.
        stays = (found.softmax(-1).amax(-1) < NEVER) & (route[inside] > index)
        kept = stays.nonzero().squeeze(1)
        if not len(kept):
            break
        # Three times as fast as features[kept].
        inside, features = inside[kept], features.index_select(0, kept)
    return _pick(model, logits, route)


def _every_exit(model: ExitModel, inputs: Tensor, route: Tensor) -> Tensor:
    return _pick(model, model.network(inputs), route)


def _static(model: ExitModel, inputs: Tensor, route: Tensor) -> Tensor:
    del route
    logits: Tensor = model.network(inputs, (len(model.network.heads),))[0]
    return logits


def _pick(model: ExitModel, logits: Tensor, route: Tensor) -> Tensor:
    # An exit's answer depends on no deeper head: zeros there, where a sample had left, do no harm.
    return model.regime.outputs(logits)[route, torch.arange(len(route))]


def _batches(
    model: ExitModel, inputs: Inputs, route: Ints, batch: int
) -> list[tuple[Tensor, Tensor]]:
    _at_least_one(inputs=len(inputs), batch=batch)
    exits = len(model.network.heads)
    strange = np.setdiff1d(route, range(exits)).tolist()
    if route.shape != inputs.shape[:1] or strange:
        allowed = f"{len(inputs)} exits from 0 to {exits - 1}"
        raise InputError(f"route: {allowed}, found {len(route)} and among them {strange}")
    parts = (torch.split(torch.from_numpy(array), batch) for array in (inputs, route))
    return list(zip(*parts, strict=True))


def _at_least_one(**counts: int) -> None:
    for name, count in counts.items():
        if count < 1:
            raise InputError(f"{name}: at least 1, found {count}")


@contextlib.contextmanager
def _still(model: ExitModel) -> Iterator[None]:
    """One thread, no gradients, evaluation mode; threads and random state are given back."""
    model.eval()
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        with torch.inference_mode(), torch.random.fork_rng(devices=[]):
            yield
    finally:
        torch.set_num_threads(threads)
