"""What a training step costs: share of the machine's matmul peak, and what would make it faster.

The peak is the best of many products of two float32 matrices of 1024 x 1024 on one thread. A step
is `harness.training.step.Step` under `joint` on random inputs: forward, backward, AdamW; its FLOPs
are torch's count of forward and backward (convolutions and matrix products). The networks are of
the shipped studies' kinds. Time is that of the process on its core, so that what else runs disturbs
it less. Variants take turns with the step as it ships, in blocks of a few steps; the ratio of each
block is to the block beside it, above 1 where the variant is faster. torch's profiler says what the
time of a step goes to.
"""

import statistics
import time
from collections.abc import Callable

import torch
from torch.utils.flop_counter import FlopCounterMode

from benchmarks._steps import CASES, VARIANTS, Case, made, model_of, optimizer_of, shipped
from benchmarks.suite.figure import Figure, quick, repeated
from harness.training.seeding import seed_everything

BLOCKS, WARM = (2, 2) if quick() else (15, 10)
"""Blocks of each variant, and steps before any is timed."""
BLOCK_SECONDS = 0.01 if quick() else 0.1


VARIED = ("indian_pines", "fashion_mnist")
"""The studies whose step is timed in variants."""


def main() -> list[Figure]:
    """Print shares of the peak, the variants' ratios, and the profile of a step."""
    torch.set_num_threads(1)
    seed_everything(0)
    peak = matmul_peak()
    print(f"peak of a float32 product of 1024 x 1024 on one thread: {peak / 1e9:.0f} GFLOP/s")
    figures = [shares(case, peak) for case in CASES]
    for case in CASES:
        if case.name in VARIED:
            figures += varied(case)
    for case in CASES:
        if case.name in VARIED:
            profile(case)
    return figures


def matmul_peak() -> float:
    """FLOP/s of the fastest of many products."""
    size = 1024
    one, other = torch.randn(size, size), torch.randn(size, size)
    times = []
    for _ in range(5 if quick() else 60):
        started = time.process_time()
        torch.mm(one, other)
        times.append(time.process_time() - started)
    return 2 * size**3 / min(times)


def shares(case: Case, peak: float) -> Figure:
    """The share of the peak that a step reaches, by blocks of steps."""
    step = shipped(case)
    model = model_of(case)
    with FlopCounterMode(display=False) as counter:
        made(case, model, optimizer_of(model))()
    flops = counter.get_total_flops()
    steps = block_of(step)
    seconds = [run(step, steps) for _ in range(BLOCKS)]
    found = [100 * flops / each / peak for each in seconds]
    median = 1e3 * statistics.median(seconds)
    print(f"{case.name}: {flops / 1e6:.0f} MFLOP a step of {case.batch}, {median:.2f} ms")
    return repeated(f"{case.name}: share of the matmul peak in a step", found, "per cent")


def varied(case: Case) -> list[Figure]:
    """How many times as fast each variant of the step is."""
    base = shipped(case)
    steps = block_of(base)
    figures = []
    for name, make in VARIANTS.items():
        try:
            started = time.perf_counter()
            step = make(case)
            run(step, WARM)
            ready = time.perf_counter() - started
        except Exception as error:  # no compiler, say: the others go on
            reason = (str(error) or type(error).__name__).splitlines()[0][:80]
            what = f"{case.name}: step with {name}, times as fast"
            figures.append(Figure(what, float("nan"), missing=reason))
            continue
        run(base, WARM)
        ratios = []
        for _ in range(BLOCKS):
            before = run(base, steps)
            ratios.append(before / run(step, steps))
        extra = f", {ready:.0f} s until its first {WARM} steps were done" if ready > 1 else ""
        print(f"{case.name}, {name}: {statistics.median(ratios):.2f} times as fast{extra}")
        figures.append(repeated(f"{case.name}: step with {name}, times as fast", ratios))
    return figures


def run(step: Callable[[], object], steps: int) -> float:
    """Seconds of this process a step."""
    started = time.process_time()
    for _ in range(steps):
        step()
    return (time.process_time() - started) / steps


def block_of(step: Callable[[], object]) -> int:
    """Number of steps in a block, of at least `BLOCK_SECONDS`."""
    run(step, WARM)
    return max(1, round(BLOCK_SECONDS / run(step, 3)))


def profile(case: Case) -> None:
    """Print the operations that take most of a step's time."""
    step = shipped(case)
    run(step, WARM)
    steps = block_of(step)
    with torch.profiler.profile(activities=[torch.profiler.ProfilerActivity.CPU]) as found:
        run(step, steps)
    events = sorted(found.key_averages(), key=lambda each: -each.self_cpu_time_total)
    total = sum(each.self_cpu_time_total for each in events)
    print(f"{case.name}: a step's time by operation (torch.profiler, its own cost included)")
    print(f"  {'operation':44} share  calls a step")
    for each in events[:12]:
        share = each.self_cpu_time_total / total
        print(f"  {each.key[:44]:44} {share:5.1%}  {each.count / steps:12.1f}")


if __name__ == "__main__":
    main()
