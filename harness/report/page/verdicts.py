"""Which regimes are better or worse than a baseline, and which comparisons are inconclusive."""

from collections.abc import Iterator
from dataclasses import dataclass

import pandas as pd

from harness.statistics.paired import IntervalOf


@dataclass(frozen=True)
class Gain:
    """A regime's mean test hypervolume less the baseline's, and its 95 % interval.

    Attributes
    ----------
    interval_of
        What the interval allows for: `test samples` alone with one seed.
    """

    regime: str
    gain: float
    low: float
    high: float
    interval_of: IntervalOf


@dataclass(frozen=True)
class Verdict:
    """The regimes better or worse than a baseline, or inconclusive; largest gain first."""

    title: str
    baseline: str
    gains: tuple[Gain, ...]


def verdicts(baseline: str, pairs: pd.DataFrame) -> Iterator[Verdict]:
    """Better, worse and inconclusive: each other regime once; none where nothing was compared.

    An interval that does not allow for other seeds makes no regime better or worse.

    Parameters
    ----------
    pairs
        As `harness.analysis.pairs.pair_table` makes it.
    """
    gains = _gains_on(baseline, pairs)
    if not gains:
        return
    over_seeds = [gain for gain in gains if gain.interval_of != "test samples"]
    above = tuple(gain for gain in over_seeds if gain.low > 0)
    below = tuple(gain for gain in over_seeds if gain.high < 0)
    rest = tuple(gain for gain in gains if gain not in {*above, *below})
    yield Verdict("Better than", baseline, above)
    yield Verdict("Worse than", baseline, below)
    yield Verdict("Inconclusive against", baseline, rest)


def _gains_on(baseline: str, pairs: pd.DataFrame) -> list[Gain]:
    """The pairs with a baseline, seen from the other regime."""
    ends = ["difference", "difference_low", "difference_high", "interval_of"]
    rows = pairs[["regime", "other", *ends]].itertuples(index=False, name=None)
    gains = []
    for regime, other, gain, low, high, interval_of in rows:
        if other == baseline:
            gains.append(Gain(regime, gain, low, high, interval_of))
        elif regime == baseline:
            gains.append(Gain(other, -gain, -high, -low, interval_of))
    return sorted(gains, key=lambda each: -each.gain)
