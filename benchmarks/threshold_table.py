"""Frontier over 10^6 threshold vectors (3 exits, 10,000 samples) against one vector at a time.

The baseline evaluates one vector with plain NumPy; it is timed on a sample of the vectors and
extrapolated to all of them. Both must give the same values on the sample.
"""

import statistics
import time

import numpy as np

from benchmarks.suite.figure import Figure, repeated
from harness.frontier.pareto import pareto_frontier
from harness.frontier.thresholds import threshold_levels, threshold_table
from harness.policies.routing import route

EXITS, SAMPLES, LEVELS, TRIED, REPEATS = 3, 10_000, 1000, 2000, 5


def main() -> list[Figure]:
    """Print both times and their ratio."""
    generator = np.random.default_rng(0)
    confidence = generator.beta(5, 1, (EXITS, SAMPLES))
    correct = generator.random((EXITS, SAMPLES)) < np.array([0.75, 0.85, 0.9])[:, None]
    costs = np.array([1.0, 2.5, 4.0])
    levels = threshold_levels(confidence, LEVELS)

    table_times, front_times = [], []
    for _ in range(REPEATS):
        start = time.perf_counter()
        table = threshold_table(confidence, correct, costs, levels)
        middle = time.perf_counter()
        points = pareto_frontier(table)
        table_times.append(middle - start)
        front_times.append(time.perf_counter() - middle)

    picks = generator.integers(0, LEVELS, (TRIED, EXITS - 1))
    everyone = np.arange(SAMPLES)
    start = time.perf_counter()
    single = []
    for pick in picks:
        taken = route(confidence, levels[np.arange(EXITS - 1), pick])
        single.append((correct[taken, everyone].mean(), costs[taken].mean()))
    one = (time.perf_counter() - start) / TRIED

    accuracy, cost = np.array(single).T
    index = tuple(picks.T)
    assert np.array_equal(table.accuracy[index], accuracy)  # noqa: S101
    assert np.allclose(table.cost[index], cost, rtol=1e-12)  # noqa: S101

    vectors = LEVELS ** (EXITS - 1)
    table_time, front_time = statistics.median(table_times), statistics.median(front_times)
    slow, fast = one * vectors, table_time + front_time
    print(f"{vectors:,} threshold vectors, {EXITS} exits, {SAMPLES:,} samples")
    print(
        f"table {table_time:.3f} s + Pareto set {front_time:.3f} s = {fast:.3f} s "
        f"(median of {REPEATS}; {len(points.cost)} points)"
    )
    print(f"one by one {1e6 * one:.0f} us a vector (mean of {TRIED}), {slow:.0f} s for all")
    print(f"ratio {slow / fast:.0f} x, of the table alone {slow / table_time:.0f} x")
    both = [table + front for table, front in zip(table_times, front_times, strict=True)]
    return [
        repeated("10^6 threshold vectors and their Pareto set", both, "s", at_most=0.5),
        repeated(
            "10^6 threshold vectors: times as fast as one by one",
            [slow / each for each in both],
            at_least=1000,
        ),
    ]


if __name__ == "__main__":
    main()
