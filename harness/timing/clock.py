"""The clock that parts of a network are timed with, on whatever device they run."""

import time
from collections.abc import Callable

import torch


def clock_of(device: torch.device) -> Callable[[], int]:
    """A clock in nanoseconds that is read once a device has done all that it was given.

    Notes
    -----
    An accelerator is given its work ahead of time, so that a clock read at once would time the
    giving. Inference itself waits at exit decisions alone: the wait after each stage and head makes
    measured parts slower than the same parts in an unbroken pass, all of them alike.
    """
    if device.type == "cpu":
        return time.perf_counter_ns

    def read() -> int:
        torch.accelerator.synchronize(device)
        return time.perf_counter_ns()

    return read
