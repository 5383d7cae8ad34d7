"""How often 95 % intervals of a mean over n seeds hold the true mean, by simulation.

A seed's value differs from the truth by what the seed does (the same on every sample), by what the
drawn test samples do to all seeds alike, and by what they do to this seed alone; each is normal.
Resamples of the test part repeat the latter two. The truth is the mean over all seeds and samples.

Four intervals are compared: the percentile bootstrap over seeds and samples; the bootstrap-t, its
standard error made of both variances; Student's t with n - 1 degrees of freedom on the variance
between seeds plus that of resampled means; and the same without counting twice what samples do to
single seeds, which is in the variance between seeds too: `harness.statistics.paired.estimate`.
"""

import os
from collections.abc import Callable, Mapping

import numpy as np
from scipy.special import stdtrit

from benchmarks.suite.figure import Figure, quick
from harness.core.types import Floats
from harness.statistics.paired import LEVEL, estimate

SEEDS, RESAMPLES, BLOCK = (2, 3, 5, 10, 20), 500, 250
REPEATS = BLOCK * -(
    -int(os.environ.get("HARNESS_BENCH_STUDIES", "250" if quick() else "4000")) // BLOCK
)
"""Simulated studies of each cell, in whole blocks."""
SPREADS: Mapping[str, tuple[float, float, float]] = {
    "seeds": (1, 0.1, 0.1),
    "seeds and shared samples": (1, 1, 0.1),
    "shared samples": (0.1, 1, 0.1),
    "seeds and own samples": (1, 0.1, 1),
    "own samples": (0.1, 0.1, 1),
}
"""By what dominates: standard deviations of seeds, of shared and of own effects of samples."""
_ENDS = (LEVEL / 2, 1 - LEVEL / 2)

Ends = tuple[Floats, Floats]


def main() -> list[Figure]:
    """Print the coverage of each interval as a table in Markdown."""
    print(f"{REPEATS} simulated studies each, {RESAMPLES} resamples")
    print("| dominated by | interval |", " | ".join(f"n = {n}" for n in SEEDS), "|")
    print("|---|---|", "---|" * len(SEEDS), sep="")
    ours = []
    for name, spread in SPREADS.items():
        generator = np.random.default_rng(0)
        by_size = [covered(generator, seeds, spread) for seeds in SEEDS]
        for method in INTERVALS:
            shares = " | ".join(f"{found[method]:.3f}" for found in by_size)
            print(f"| {name} | {method} | {shares} |")
        ours += [found[OURS] for found in by_size]
    return [
        Figure(
            "95 % intervals: coverage in the worst of these cases",
            min(ours), spread=(min(ours), max(ours)), of=f"{len(ours)} cases", at_least=0.94,
        )
    ]  # fmt: skip


def covered(
    generator: np.random.Generator, seeds: int, spread: tuple[float, float, float]
) -> dict[str, float]:
    """Share of the simulated studies whose interval holds the truth, by the interval's name."""
    hits = dict.fromkeys(INTERVALS, 0)
    for _ in range(REPEATS // BLOCK):
        values = simulated(generator, seeds, spread)
        for name, interval in INTERVALS.items():
            low, high = interval(values, generator)
            hits[name] += int(((low <= 0) & (high >= 0)).sum())
    return {name: count / REPEATS for name, count in hits.items()}


def simulated(
    generator: np.random.Generator, seeds: int, spread: tuple[float, float, float]
) -> Floats:
    """Values [BLOCK, S, 1 + B] of studies whose true mean is 0: on test, then on resamples."""
    of_seed, shared, own = spread
    samples = shared * generator.normal(size=(BLOCK, 1, 1 + RESAMPLES))
    samples = samples + own * generator.normal(size=(BLOCK, seeds, 1 + RESAMPLES))
    plain = of_seed * generator.normal(size=(BLOCK, seeds, 1)) + samples[..., :1]
    return np.concatenate([plain, plain + samples[..., 1:]], axis=-1)


def percentile(values: Floats, generator: np.random.Generator) -> Ends:
    """The middle 95 % of means of resampled seeds on resampled test parts."""
    low, high = np.quantile(_redrawn(values, generator)[0], _ENDS, axis=-1)
    return low, high


def bootstrap_t(values: Floats, generator: np.random.Generator) -> Ends:
    """The same of the means divided by their standard errors."""
    means, between = _redrawn(values, generator)
    mean, (of_seeds, of_samples) = values[..., 0].mean(1), _variances(values)
    errors = np.sqrt(between + of_samples[:, None])
    low, high = np.quantile((means - mean[:, None]) / errors, _ENDS, axis=-1)
    error = np.sqrt(of_seeds + of_samples)
    return mean - high * error, mean - low * error


def t_of_sum(values: Floats, generator: np.random.Generator) -> Ends:
    """Student's t on the sum of both variances."""
    del generator
    mean, half = values[..., 0].mean(1), np.sqrt(sum(_variances(values)))
    half = half * stdtrit(values.shape[1] - 1, _ENDS[1])
    return mean - half, mean + half


def shipped(values: Floats, generator: np.random.Generator) -> Ends:
    """The interval that harness reports."""
    del generator
    groups = np.zeros(values.shape[1], dtype=np.int64)
    found = [estimate(study, groups) for study in values]
    return np.array([each.low for each in found]), np.array([each.high for each in found])


OURS = "t, shared"
"""The interval that harness reports."""
INTERVALS: Mapping[str, Callable[[Floats, np.random.Generator], Ends]] = {
    "percentile": percentile,
    "bootstrap-t": bootstrap_t,
    "t, sum": t_of_sum,
    OURS: shipped,
}


def _variances(values: Floats) -> tuple[Floats, Floats]:
    """Variance of each study's mean by its seeds, and by resampling the test part."""
    of_seeds = values[..., 0].var(1, ddof=1) / values.shape[1]
    return of_seeds, values[..., 1:].mean(1).var(-1, ddof=1)


def _redrawn(values: Floats, generator: np.random.Generator) -> Ends:
    """Means [BLOCK, B] of redrawn seeds on resampled test parts; their variance by the seeds."""
    seeds = values.shape[1]
    drawn = generator.integers(seeds, size=(RESAMPLES, seeds))
    means = values[:, drawn, np.arange(1, RESAMPLES + 1)[:, None]].mean(-1)
    return means, values[:, drawn, 0].var(-1, ddof=1) / seeds


if __name__ == "__main__":
    main()
