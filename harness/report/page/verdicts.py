"""Which regimes are better or worse than a baseline, and where seeds are too few to say so."""

from collections.abc import Iterator
from dataclasses import dataclass

import pandas as pd

from harness.report.evidence import decides, seeds_in_words
from harness.statistics.paired import LEVEL, IntervalOf, holm, seeds_needed


@dataclass(frozen=True)
class Gain:
    """A regime's mean test hypervolume less the baseline's, and its 95 % interval.

    Attributes
    ----------
    interval_of
        What the interval allows for: `test samples` alone with one seed.
    p_holm
        Of the signed-rank test, corrected over the comparisons with this baseline; None for one
        seed.
    """

    regime: str
    gain: float
    low: float
    high: float
    interval_of: IntervalOf
    p_holm: float | None


@dataclass(frozen=True)
class Verdict:
    """The regimes better or worse than a baseline, inconclusive, or exploratory: best gain first.

    Attributes
    ----------
    evidence
        What it rests on: seeds and correction.
    """

    title: str
    baseline: str
    evidence: str
    gains: tuple[Gain, ...]


def verdicts(baseline: str, pairs: pd.DataFrame, fresh: bool) -> Iterator[Verdict]:
    """Better, worse and inconclusive, or exploratory: each other regime once.

    A regime is better or worse where Holm's p-value is significant. Seeds that cannot decide, as
    they are too few or chose the configurations, give one exploratory list in place of the three.
    Nothing where nothing was compared.

    Parameters
    ----------
    pairs
        As `harness.analysis.pairs.pair_table` makes it.
    fresh
        Whether nothing was chosen on the seeds.
    """
    compared = pairs[(pairs["regime"] == baseline) | (pairs["other"] == baseline)]
    if compared.empty:
        return
    gains, seeds, tests = _gains_on(baseline, compared), int(compared["pairs"].min()), len(compared)
    over = f"{seeds_in_words(seeds, fresh)}, Holm's correction over {tests}"
    if not decides(seeds, tests, fresh):
        needed = f"{over}: to decide takes n = {seeds_needed(tests)} fresh seeds"
        yield Verdict("Exploratory against", baseline, needed, tuple(gains))
        return
    significant = [gain for gain in gains if gain.p_holm is not None and gain.p_holm <= LEVEL]
    above = tuple(gain for gain in significant if gain.gain > 0)
    below = tuple(gain for gain in significant if gain.gain < 0)
    rest = tuple(gain for gain in gains if gain not in {*above, *below})
    yield Verdict("Better than", baseline, over, above)
    yield Verdict("Worse than", baseline, over, below)
    yield Verdict("Inconclusive against", baseline, over, rest)


def _gains_on(baseline: str, compared: pd.DataFrame) -> list[Gain]:
    """The pairs with a baseline, seen from the other regime."""
    p_holm = holm([None if pd.isna(p) else float(p) for p in compared["p"]])
    ends = ["difference", "difference_low", "difference_high", "interval_of"]
    rows = compared[["regime", "other", *ends]].itertuples(index=False, name=None)
    gains = [
        Gain(regime, gain, low, high, interval_of, p)
        if other == baseline
        else Gain(other, -gain, -high, -low, interval_of, p)
        for (regime, other, gain, low, high, interval_of), p in zip(rows, p_holm, strict=True)
    ]
    return sorted(gains, key=lambda each: -each.gain)
