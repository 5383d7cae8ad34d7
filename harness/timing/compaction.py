"""Batches that shrink as samples leave: their answers and their speed, on one CPU thread."""

import functools
import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from harness.core.errors import InputError
from harness.core.types import Ints, Logits, TaskName
from harness.tasks import Task, task_named
from harness.timing.latency import NEVER, Inputs, PartTimes, at_least_one, still
from harness.training.model import ExitModel

REPEATS, WARM_UP = 50, 5


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


def throughput(
    model: ExitModel,
    inputs: Inputs,
    route: Ints,
    batch: int,
    repeats: int = 5,
    task: TaskName = "classification",
) -> Throughput:
    """Samples per second with batches that shrink as samples leave, and without.

    Parameters and errors are those of `leaving_logits`. Each batch is run in the three ways one
    after the other, `repeats` times; its medians count. With compaction a sample pays for the
    confidence at each exit that it passes but the last (the largest softmax probability, or the
    predicted precision), though the route is given; the other two ways pay for none. Gate heads are
    not run.
    """
    at_least_one(repeats=repeats)
    batches = _batches(model, inputs, route, batch)
    ways = (functools.partial(_compacted, task=task_named(task)), _every_exit, _static)
    seconds = np.zeros((repeats, len(batches), len(ways)))
    with still(model):
        for way in ways:
            way(model, *batches[0])
        for place in np.ndindex(seconds.shape):
            start = time.perf_counter_ns()
            ways[place[2]](model, *batches[place[1]])
            seconds[place] = (time.perf_counter_ns() - start) / 1e9
    return Throughput(*(len(inputs) / np.median(seconds, axis=0).sum(0)).tolist())


def batch_times(
    model: ExitModel, inputs: Inputs, repeats: int = REPEATS, task: TaskName = "classification"
) -> PartTimes:
    """A sample's share of a batch that goes through all parts together: medians over passes.

    Parameters
    ----------
    inputs
        float32 [N, channels, *space]: the batch.
    task
        As for `exit_latencies`.

    Raises
    ------
    InputError
        There is nothing to time.

    Notes
    -----
    `leaving` [e] is what a sample costs in a batch of which all samples leave at exit e. Each pass
    is that of `throughput` with everyone at the last exit, the clock read between its parts: all
    exits are read in the same passes, and their costs rise.

    Included: at every exit but the last the confidence of all samples against a threshold, the
    indices of those that stay, and one gate head where the regime has any; on the way to the next
    exit the copy of their features; once per batch, whatever the exit, combining the exits and
    picking the answers. A batch in which samples leave at different exits runs its later stages on
    fewer samples, which may cost more or less each: a mean of these times is an approximation of
    it.
    """
    at_least_one(inputs=len(inputs), repeats=repeats)
    exits, batch = len(model.network.heads), torch.from_numpy(inputs)
    route = torch.full((len(batch),), exits - 1)
    with still(model):
        gate = model.regime.auxiliary(1)
        one = torch.zeros(1, len(batch), model.width)
        passes = []
        for _ in range(WARM_UP + repeats):
            stamps: list[int] = []
            mark = functools.partial(_stamp, stamps)
            mark()
            _compacted(model, batch, route, task_named(task), mark)
            mark()
            model.regime.gates(one, gate)
            mark()
            passes.append(stamps)
    seconds = np.median(np.diff(passes[WARM_UP:], axis=1), axis=0) / 1e9 / len(batch)
    opening, *parts, picking, gating = seconds
    stages, heads, decisions, copies = np.append(parts, 0).reshape(exits, 4).T
    decisions[:-1] += gating
    decisions[1:] += copies[:-1]
    decisions[0] += opening + picking
    return PartTimes(stages, heads, decisions)


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
    # The route decides here, whatever the task's confidence says.
    compacted = functools.partial(_compacted, task=task_named("classification"))
    way = compacted if compact else _every_exit
    with still(model):
        found: Logits = torch.cat([way(model, *each) for each in batches]).numpy()
    return found


def _stamp(stamps: list[int]) -> None:
    stamps.append(time.perf_counter_ns())


def _unread() -> None:
    """Nobody reads the clock."""


def _compacted(
    model: ExitModel,
    inputs: Tensor,
    route: Tensor,
    task: Task,
    mark: Callable[[], None] = _unread,
) -> Tensor:
    """Marks where it begins, and the end of each stage, head, decision and copy."""
    heads = model.network.heads
    logits = inputs.new_zeros(len(heads), len(inputs), model.width)
    inside, features = torch.arange(len(inputs)), inputs
    mark()
    for index, (stage, head) in enumerate(zip(model.network.stages, heads, strict=True)):
        features = stage(features)
        mark()
        found = head(features)
        mark()
        logits[index, inside] = found
        if index == len(heads) - 1:
            mark()
            break
        # A policy would decide by the confidence, so it is paid for; the route is what decides.
        stays = (task.confidence(found) < NEVER) & (route[inside] > index)
        kept = stays.nonzero().squeeze(1)
        mark()
        if not len(kept):
            break
        # Three times as fast as features[kept].
        inside, features = inside[kept], features.index_select(0, kept)
        mark()
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
    at_least_one(inputs=len(inputs), batch=batch)
    exits = len(model.network.heads)
    strange = np.setdiff1d(route, range(exits)).tolist()
    if route.shape != inputs.shape[:1] or strange:
        allowed = f"{len(inputs)} exits from 0 to {exits - 1}"
        raise InputError(f"route: {allowed}, found {len(route)} and among them {strange}")
    parts = (torch.split(torch.from_numpy(array), batch) for array in (inputs, route))
    return list(zip(*parts, strict=True))
