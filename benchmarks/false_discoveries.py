"""How often a comparison of regimes that are equal by construction declares a difference.

Studies of M regimes against a baseline are simulated with the true difference 0. A regime's test
hypervolume varies with the search (which configurations it happened to find), with the seed (and
its split) and with the regime's own training; what a seed's split does is common to all regimes.
The values go through the procedure that `harness compare` runs: pairs over fresh seeds, or over
searches where there are several, the exact signed-rank test and Holm's correction over the family.
Declared: at least one regime of the family at the 5 % level.
"""

import os

import numpy as np

from benchmarks.suite.figure import Figure, quick
from harness.core.types import Floats
from harness.statistics.paired import LEVEL, holm, signed_rank_p

STUDIES = int(os.environ.get("HARNESS_BENCH_STUDIES", "250" if quick() else "4000"))
SEED_SPREAD, OWN_SPREAD = 0.010, 0.004
"""Standard deviations of what a seed does to all regimes, and of a regime's own training."""
CASES = (
    ("one search, the same configurations found", 1, 10, 0.0),
    ("one search, its luck differs by regime", 1, 10, 0.004),
    ("10 searches of 2 seeds, their luck differs", 10, 2, 0.004),
    ("12 searches of 1 seed, their luck differs", 12, 1, 0.004),
)
"""What is simulated: number of searches, fresh seeds of each, spread of a search's luck."""
FAMILIES = (6, 13)


def main() -> list[Figure]:
    """Print the share of studies that declare a difference as a table in Markdown."""
    print(f"{STUDIES} simulated studies each; share that declares any difference at {LEVEL:.0%}")
    print("| regimes are equal; |", " | ".join(f"{m} against the baseline" for m in FAMILIES), "|")
    print("|---|", "---|" * len(FAMILIES), sep="")
    sound: list[float] = []
    lucky: list[float] = []
    for name, searches, seeds, luck in CASES:
        generator = np.random.default_rng(0)
        shares = [
            np.mean(
                [declares(simulated(generator, m, searches, seeds, luck)) for _ in range(STUDIES)]
            )
            for m in FAMILIES
        ]
        print(f"| {name} |", " | ".join(f"{share:.3f}" for share in shares), "|")
        # Configurations that differ by the luck of one search do differ, if not by their regime.
        (lucky if luck and searches == 1 else sound).extend(float(share) for share in shares)
    return [
        Figure(
            "equal regimes declared different, in the worst sound case",
            max(sound), spread=(min(sound), max(sound)), of=f"{len(sound)} cases", at_most=0.05,
        ),
        Figure(
            "the same where one search is taken for the regime",
            max(lucky), spread=(min(lucky), max(lucky)), of=f"{len(lucky)} cases",
        ),
    ]  # fmt: skip


def simulated(
    generator: np.random.Generator, regimes: int, searches: int, seeds: int, luck: float
) -> Floats:
    """Test hypervolumes [1 + M, R, S] of a baseline and M regimes that equal it."""
    shape = (1 + regimes, searches, seeds)
    found = luck * generator.normal(size=(1 + regimes, searches, 1))
    drawn = SEED_SPREAD * generator.normal(size=(1, searches, seeds))
    return found + drawn + OWN_SPREAD * generator.normal(size=shape)


def declares(values: Floats) -> bool:
    """Whether any regime differs from the baseline after the correction."""
    gains = values[1:] - values[:1]
    pairs = gains.mean(axis=2) if values.shape[1] > 1 else gains[:, 0]
    adjusted = holm([signed_rank_p(regime) for regime in pairs])
    return any(p is not None and p < LEVEL for p in adjusted)


if __name__ == "__main__":
    main()
