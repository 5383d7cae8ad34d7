"""Trials an hour of a small stack on one thread of a CPU, against one network after the other.

    python -m benchmarks stacked_trials_cpu

Everything is as in `stacked_trials`, of which this is the other side: stacks are for cards.
"""

import torch

from benchmarks.stacked_trials import measured
from benchmarks.suite.figure import Figure


def main() -> list[Figure]:
    """Print and return the figures of a stack of four."""
    return measured(torch.device("cpu"), (4,))


if __name__ == "__main__":
    main()
