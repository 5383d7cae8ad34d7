"""Batch compaction: batches that shrink as samples leave, their logits and their throughput."""

import functools
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from harness.core.errors import InputError
from harness.core.types import Ints, Logits, TaskName
from harness.tasks import Task, task_named
from harness.timing.clock import clock_of
from harness.timing.latency import (
    NEVER,
    Inputs,
    PartTimes,
    at_least_one,
    inference_on_one_thread,
    one_gate,
)
from harness.training.model import ExitModel

_REPEATS, _WARM_UP = 50, 5


@dataclass(frozen=True)
class Throughput:
    """Samples per second of one network, run in batches in three ways.

    `compacted` drops the samples that left before each stage; `every_exit` runs all stages and
    heads on all samples and selects the predictions afterwards (early exit only simulated);
    `static` is the full static network, its last head alone, on all samples.
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
    after the other, `repeats` times; medians per batch are summed. Compaction includes computing
    the confidence at each exit that a sample passes but the last (the largest softmax probability,
    or the predicted precision), though the route is given; the other two ways do not. Gate heads
    are not run.
    """
    at_least_one(repeats=repeats)
    batches = _batches(model, inputs, route, batch)
    ways = (functools.partial(_compacted, task=task_named(task)), _every_exit, _static)
    seconds = np.zeros((repeats, len(batches), len(ways)))
    now = clock_of(model.device)
    with inference_on_one_thread(model):
        for way in ways:
            way(model, *batches[0])
        for run in np.ndindex(seconds.shape):
            start = now()
            ways[run[2]](model, *batches[run[1]])
            seconds[run] = (now() - start) / 1e9
    return Throughput(*(len(inputs) / np.median(seconds, axis=0).sum(0)).tolist())


def batch_times(
    model: ExitModel, inputs: Inputs, repeats: int = _REPEATS, task: TaskName = "classification"
) -> PartTimes:
    """Seconds per sample in each part of a batch that stays together: medians over passes.

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
    is that of `throughput` with all samples leaving at the last exit, the clock read between its
    parts: all exits are measured in the same passes, and their costs rise.

    Included: at every exit but the last the confidence of all samples against a threshold, the
    indices of those that stay, and one gate head where the regime has any; on the way to the next
    exit the copy of their features; once per batch, whatever the exit, combining the exits and
    selecting the predictions. A batch in which samples leave at different exits runs its later
    stages on fewer samples, which may cost more or less each: a mean of these times approximates
    its time.
    """
    at_least_one(inputs=len(inputs), repeats=repeats)
    exits, batch = len(model.network.heads), torch.from_numpy(inputs).to(model.device)
    route = torch.full((len(batch),), exits - 1, device=model.device)
    now = clock_of(model.device)
    with inference_on_one_thread(model):
        gate = one_gate(model)
        one = torch.zeros(1, len(batch), model.width, device=model.device)
        passes = []
        for _ in range(_WARM_UP + repeats):
            stamps: list[int] = []
            mark = functools.partial(_stamp, stamps, now)
            mark()
            _compacted(model, batch, route, task_named(task), mark)
            mark()
            model.regime.gates(one, gate)
            mark()
            passes.append(stamps)
    seconds = np.median(np.diff(passes[_WARM_UP:], axis=1), axis=0) / 1e9 / len(batch)
    opening, *parts, selecting, gating = seconds
    stages, heads, decisions, copies = np.append(parts, 0).reshape(exits, 4).T
    decisions[:-1] += gating
    decisions[1:] += copies[:-1]
    decisions[0] += opening + selecting
    return PartTimes(stages, heads, decisions)


def leaving_logits(
    model: ExitModel, inputs: Inputs, route: Ints, batch: int, compact: bool = True
) -> Logits:
    """Logits of each sample at the exit that it takes: float32 [N, K].

    Parameters
    ----------
    inputs
        float32 [N, channels, *space], run in batches of `batch`.
    route
        int64 [N]: index (from 0) of the exit that each sample takes.
    compact
        Whether later stages run on the remaining samples only, or on all, with the same result.

    Raises
    ------
    InputError
        There are no samples, or the route does not fit them.
    """
    batches = _batches(model, inputs, route, batch)
    # The route is given: the task's confidence is computed but not used.
    compacted = functools.partial(_compacted, task=task_named("classification"))
    way = compacted if compact else _every_exit
    with inference_on_one_thread(model):
        found: Logits = torch.cat([way(model, *each) for each in batches]).cpu().numpy()
    return found


def _stamp(stamps: list[int], now: Callable[[], int]) -> None:
    stamps.append(now())


def _unread() -> None:
    """A mark that does not read the clock."""


def _compacted(
    model: ExitModel,
    inputs: Tensor,
    route: Tensor,
    task: Task,
    mark: Callable[[], None] = _unread,
) -> Tensor:
    """Run a batch with compaction; marks the start and each stage, head, decision and copy."""
    heads = model.network.heads
    logits = inputs.new_zeros(len(heads), len(inputs), model.width)
    inside, features = torch.arange(len(inputs), device=inputs.device), inputs
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
        # A policy would need the confidence, so it is computed; the given route is what counts.
        stays = (task.confidence(found) < NEVER) & (route[inside] > index)
        kept = stays.nonzero().squeeze(1)
        mark()
        if not len(kept):
            break
        # Three times as fast as features[kept].
        inside, features = inside[kept], features.index_select(0, kept)
        mark()
    return _select(model, logits, route)


def _every_exit(model: ExitModel, inputs: Tensor, route: Tensor) -> Tensor:
    return _select(model, model.network(inputs), route)


def _static(model: ExitModel, inputs: Tensor, route: Tensor) -> Tensor:
    del route
    logits: Tensor = model.network(inputs, (len(model.network.heads),))[0]
    return logits


def _select(model: ExitModel, logits: Tensor, route: Tensor) -> Tensor:
    # Outputs of an exit do not depend on deeper heads: zeros there, after a sample left, are fine.
    return model.regime.outputs(logits)[route, torch.arange(len(route), device=route.device)]


def _batches(
    model: ExitModel, inputs: Inputs, route: Ints, batch: int
) -> list[tuple[Tensor, Tensor]]:
    at_least_one(inputs=len(inputs), batch=batch)
    exits = len(model.network.heads)
    unknown = np.setdiff1d(route, range(exits)).tolist()
    if route.shape != inputs.shape[:1] or unknown:
        allowed = f"{len(inputs)} exits from 0 to {exits - 1}"
        raise InputError(f"route: {allowed}, found {len(route)} and among them {unknown}")
    parts = (
        torch.split(torch.from_numpy(array).to(model.device), batch) for array in (inputs, route)
    )
    return list(zip(*parts, strict=True))
