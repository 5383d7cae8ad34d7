"""What a comparison with the baseline allows to conclude, and what it does not, in words."""

from dataclasses import dataclass
from typing import Literal, TypeAlias

import pandas as pd

from harness.analysis.pairs import SeedTables, by_unit
from harness.statistics.paired import LEVEL, seeds_needed, smallest_p

Side: TypeAlias = Literal["better", "worse", "undecided"]
_LEVEL = f"{LEVEL:.0%}".replace("%", " %")


@dataclass(frozen=True)
class Gain:
    """A regime's mean test hypervolume less the baseline's, and its 95 % interval.

    Attributes
    ----------
    p_holm
        Corrected over all regimes compared with the baseline; None where nothing was tested.
    side
        better or worse where p_holm is significant.
    """

    regime: str
    gain: float
    low: float
    high: float
    p_holm: float | None
    side: Side


@dataclass(frozen=True)
class Verdict:
    """Each regime of a study against its baseline, largest gain first.

    Attributes
    ----------
    fresh
        Whether the seeds are fresh, so that the regimes were tested.
    seeds, searches
        Numbers of seeds in all, and of independent searches.
    n, needed
        Pairs that were tested, of searches where there are several and else of seeds, and how many
        it takes to reach significance after the correction.
    resplit
        Whether each seed has its own split.
    """

    baseline: str
    gains: tuple[Gain, ...]
    fresh: bool
    seeds: int
    searches: int
    n: int
    needed: int
    resplit: bool

    @property
    def decides(self) -> bool:
        """Whether n pairs can show a difference at all; what they say is exploratory otherwise."""
        return self.fresh and self.n >= self.needed

    def of(self, side: Side) -> tuple[Gain, ...]:
        """The regimes on one side."""
        return tuple(gain for gain in self.gains if gain.side == side)

    @property
    def rests_on(self) -> str:
        """The seeds and searches in a few words."""
        seeds = "seed" if self.seeds == 1 else "seeds"
        if not self.fresh:
            return f"n = {self.seeds} searched {seeds}"
        split = ", each with its own split" if self.resplit else ""
        if self.searches > 1:
            return f"n = {self.searches} searches, {self.seeds} fresh seeds{split}"
        return f"n = {self.seeds} fresh {seeds}{split}"

    @property
    def headline(self) -> str:
        """What was found, in a line."""
        tests = f"Holm over {len(self.gains)}"
        if not self.gains:
            return f"Nothing to compare with {self.baseline}"
        if not self.fresh:
            return f"Exploratory: {self.rests_on}, nothing tested"
        if not self.decides:
            return f"Exploratory: {self.rests_on}; significance takes n = {self.needed} ({tests})"
        counts = f"{len(self.of('better'))} better, {len(self.of('worse'))} worse"
        return (
            f"Against {self.baseline}: {counts}, {len(self.of('undecided'))} undecided "
            f"({self.rests_on}; {tests})"
        )


def verdict(tables: SeedTables, table: pd.DataFrame) -> Verdict:
    """Judge the regimes of one study.

    Parameters
    ----------
    table
        As `harness.analysis.comparison.regime_table` makes it of the same tables.
    """
    baseline, fresh = tables.record.spec.baseline, tables.record.fresh
    others = table[(table["regime"] != baseline) & table["gain"].notna()]
    n = len(by_unit(tables.hypervolumes))
    needed = seeds_needed(max(1, len(others)))
    gains = [
        Gain(regime, gain, low, high, None if pd.isna(p) else p, _side(gain, p, n >= needed))
        for regime, gain, low, high, p in others[
            ["regime", "gain", "gain_low", "gain_high", "p_holm"]
        ].itertuples(index=False, name=None)
    ]
    return Verdict(
        baseline=baseline,
        gains=tuple(sorted(gains, key=lambda each: -each.gain)),
        fresh=fresh is not None,
        seeds=len(tables.hypervolumes.index.unique("seed")),
        searches=len(fresh.searches) if fresh else tables.record.spec.searches,
        n=n,
        needed=needed,
        resplit=fresh is not None and fresh.resplit,
    )


def _side(gain: float, p: float | None, decides: bool) -> Side:
    if not decides or p is None or not p < LEVEL:
        return "undecided"
    return "better" if gain > 0 else "worse"


def findings(found: Verdict) -> str:
    """What was found, in sentences."""
    if not found.gains:
        return f"{found.headline}."
    if not found.fresh:
        return (
            f"Exploratory: {found.rests_on}. Configurations were chosen on them, so that no regime "
            "is tested and none is called better or worse; `harness confirm` trains what was found "
            "on fresh seeds."
        )
    if not found.decides:
        least = smallest_p(found.n)
        reach = "there is no p-value" if least is None else f"the smallest p-value is {least:.4g}"
        return (
            f"Exploratory: {found.rests_on}. For n = {found.n} {reach}, which Holm's correction "
            f"over {len(found.gains)} comparisons with {found.baseline} leaves above {_LEVEL}: "
            f"significance takes n = {found.needed}."
        )
    parts: list[str] = [
        f"On {found.rests_on}, test hypervolume against {found.baseline} (exact signed-rank test, "
        f"{_LEVEL} after Holm's correction over {len(found.gains)} comparisons):"
    ]
    for words, gains in (("better", found.of("better")), ("worse", found.of("worse"))):
        if gains:
            parts.append(f"significantly {words}: {', '.join(map(_in_words, gains))};")
    undecided = found.of("undecided")
    parts.append(
        f"no significant difference: {', '.join(map(_in_words, undecided))}."
        if undecided
        else "every regime differs."
    )
    return " ".join(parts)


def limits(found: Verdict) -> str:
    """What may not be concluded, in sentences."""
    parts: list[str] = []
    if found.of("undecided") and found.decides:
        parts.append(
            "No significant difference is not equality: a difference may be as large as the ends "
            "of its interval."
        )
    if found.searches == 1:
        parts.append(
            "One search found these configurations: another may find better ones of any regime, "
            "which seeds say nothing of (`searches: 10` in the study file repeats it)."
        )
    if not found.resplit:
        parts.append("All seeds share one split: another may give another order.")
    parts.append("Nothing follows for other data, networks, budgets of training or exit policies.")
    return " ".join(parts)


def _in_words(gain: Gain) -> str:
    tested = "" if gain.p_holm is None else f", p {gain.p_holm:.2g}"
    return f"{gain.regime} ({gain.gain:+.4f} [{gain.low:+.4f}, {gain.high:+.4f}]{tested})"
