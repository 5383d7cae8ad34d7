"""Latency: seconds that one sample, alone in its batch, spends in each part of a network."""

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from harness.core.errors import InputError
from harness.core.types import Floats, TaskName
from harness.tasks import Task, task_named
from harness.timing.clock import clock_of
from harness.training.model import ExitModel

Inputs: TypeAlias = npt.NDArray[np.float32]

_REPEATS, WARM_UP = 300, 30
NEVER = 2.0  # an exit threshold that no confidence reaches


@dataclass(frozen=True)
class PartTimes:
    """Seconds per sample in each part of a network, [E] each; of a batch, the sample's share.

    An exit decision is the test against the threshold, with everything else outside stages and
    heads; the last exit has no test.
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


def exit_latencies(
    model: ExitModel, inputs: Inputs, repeats: int = _REPEATS, task: TaskName = "classification"
) -> PartTimes:
    """Time the parts of a network on one sample at a time: medians over `repeats` passes.

    Parameters
    ----------
    model
        Timed on the device that it is on, where the samples are before they are timed.
    inputs
        float32 [N, channels, *space]; each pass runs one of them, in turn.
    task
        Determines the confidence: the largest softmax probability, or the predicted precision.

    Raises
    ------
    InputError
        There is nothing to time.

    Notes
    -----
    Each pass goes through all parts as inference does and reads the clock between them: a slow
    moment of the machine affects all exits alike, and sums of medians rise with the exit.

    Included: at every exit but the last an exit decision, which compares the confidence with a
    threshold, up to a Python bool, since the next stage waits for it, and one gate head where the
    regime has any; at every exit an even share of combining the exits. Not included: the
    confidences of costlier policies, and the argmax of the prediction, which static networks need
    as well.
    """
    at_least_one(inputs=len(inputs), repeats=repeats)
    samples = torch.split(torch.from_numpy(inputs).to(model.device), 1)
    with inference_on_one_thread(model):
        one_pass = _Pass(model, one_gate(model), task_named(task), clock_of(model.device))
        passes = [one_pass.run(samples[i % len(samples)]) for i in range(-WARM_UP, repeats)]
    seconds = np.median(np.diff(passes[WARM_UP:], axis=1), axis=0) / 1e9
    exits = len(model.network.heads)
    stages, heads, decisions = seconds[: 3 * exits].reshape(exits, 3).T
    combining, gating = seconds[-2:]
    decisions = np.append(decisions[:-1] + gating, 0) + combining / exits
    return PartTimes(stages, heads, decisions)


def at_least_one(**counts: int) -> None:
    """Raise InputError that names the first count below 1."""
    for name, count in counts.items():
        if count < 1:
            raise InputError(f"{name}: at least 1, found {count}")


@contextlib.contextmanager
def inference_on_one_thread(model: ExitModel) -> Iterator[None]:
    """Inference mode on one thread; restores number of threads and random state."""
    model.eval()
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        with torch.inference_mode(), torch.random.fork_rng(devices=[]):
            yield
    finally:
        torch.set_num_threads(threads)


def one_gate(model: ExitModel) -> nn.Module | None:
    """A gate head of the regime for one exit, on the model's device; None where it has none."""
    gate = model.regime.auxiliary(1)
    return None if gate is None else gate.to(model.device)


@dataclass(frozen=True)
class _Pass:
    model: ExitModel
    gate: nn.Module | None
    task: Task
    now: Callable[[], int]

    def run(self, sample: Tensor) -> list[int]:
        """Clock readings (ns) around each stage, head and exit decision, and the regime's parts."""
        now, network, regime = self.now, self.model.network, self.model.regime
        features, logits = sample, []
        stamps = [now()]
        for stage, head in zip(network.stages, network.heads, strict=True):
            features = stage(features)
            stamps.append(now())
            logits.append(head(features))
            stamps.append(now())
            bool(self.task.confidence(logits[-1]) < NEVER)
            stamps.append(now())
        stacked, one = torch.stack(logits), logits[0][None]
        stamps.append(now())
        regime.outputs(stacked)
        stamps.append(now())
        regime.gates(one, self.gate)
        return [*stamps, now()]
