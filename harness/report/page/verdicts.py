"""Which regimes are better or worse than a baseline, and which comparisons are inconclusive."""

from collections.abc import Iterator
from dataclasses import dataclass

import pandas as pd


@dataclass(frozen=True)
class Gain:
    """A regime's mean test hypervolume less the baseline's, and its 95 % interval."""

    regime: str
    gain: float
    low: float
    high: float


@dataclass(frozen=True)
class Verdict:
    """The regimes better or worse than a baseline, or inconclusive; largest gain first."""

    title: str
    baseline: str
    gains: tuple[Gain, ...]


def verdicts(baseline: str, pairs: pd.DataFrame) -> Iterator[Verdict]:
    """Better, worse and inconclusive: each other regime once; none where nothing was compared.

    Parameters
    ----------
    pairs
        As `harness.analysis.pairs.pair_table` makes it.
    """
    gains = _gains_on(baseline, pairs)
    if not gains:
        return
    above = tuple(gain for gain in gains if gain.low > 0)
    below = tuple(gain for gain in gains if gain.high < 0)
    rest = tuple(gain for gain in gains if gain.low <= 0 <= gain.high)
    yield Verdict("Better than", baseline, above)
    yield Verdict("Worse than", baseline, below)
    yield Verdict("Inconclusive against", baseline, rest)


def _gains_on(baseline: str, pairs: pd.DataFrame) -> list[Gain]:
    """The pairs with a baseline, seen from the other regime."""
    columns = ["regime", "other", "difference", "difference_low", "difference_high"]
    gains = []
    for regime, other, gain, low, high in pairs[columns].itertuples(index=False, name=None):
        if other == baseline:
            gains.append(Gain(regime, gain, low, high))
        elif regime == baseline:
            gains.append(Gain(other, -gain, -high, -low))
    return sorted(gains, key=lambda each: -each.gain)
