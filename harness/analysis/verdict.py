"""What a comparison with a baseline allows to conclude, and what it does not, in words."""

from dataclasses import dataclass
from typing import Literal, TypeAlias

from harness.analysis.pairs import SeedTables, by_unit, pair
from harness.statistics.paired import LEVEL, IntervalOf, holm, seeds_needed, significant, smallest_p

Side: TypeAlias = Literal["better", "worse", "undecided"]
CONFIGURATIONS_NEEDED = 12
"""Of each regime in a search, unless it has fewer: with less, a search is too much luck."""
_LEVEL = f"{LEVEL:.0%}".replace("%", " %")


@dataclass(frozen=True)
class Gain:
    """A regime's mean test hypervolume less the baseline's, and its 95 % interval.

    Attributes
    ----------
    interval_of
        What the interval allows for: `test samples` alone with one seed.
    p_holm
        Corrected over all regimes compared with the baseline; None where nothing was tested.
    side
        better or worse where p_holm is significant.
    """

    regime: str
    gain: float
    low: float
    high: float
    interval_of: IntervalOf
    p_holm: float | None
    side: Side


@dataclass(frozen=True)
class Verdict:
    """Each regime of a study against a baseline, largest gain first.

    Attributes
    ----------
    fresh
        Whether the seeds are fresh, so that the regimes were tested.
    seeds, searches
        Numbers of seeds in all, and of independent searches.
    n, needed
        Pairs that were compared, of searches where there are several and else of seeds, and how
        many it takes to reach significance after the correction.
    configurations
        Fewest that a search tried of a regime which has more, None where none has; 0 for searched
        seeds.
    resplit
        Whether each seed has its own split.
    imported
        Whether the networks were trained elsewhere, so that how they were found is not known.
    """

    baseline: str
    gains: tuple[Gain, ...]
    fresh: bool
    seeds: int
    searches: int
    n: int
    needed: int
    configurations: int | None
    resplit: bool
    imported: bool = False

    @property
    def decides(self) -> bool:
        """Whether n pairs can show a difference at all; what they say is exploratory otherwise."""
        return self.fresh and self.n >= self.needed

    @property
    def tried_few(self) -> bool:
        """Whether a search tried too few of some regime's configurations to speak of regimes."""
        return self.configurations is not None and self.configurations < CONFIGURATIONS_NEEDED

    @property
    def of_regimes(self) -> bool:
        """Whether what is shown is of regimes, not only of the configurations that were found."""
        return self.decides and self.searches > 1 and not self.tried_few

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
        what = "Regimes" if self.of_regimes else "Configurations found"
        return (
            f"{what} against {self.baseline}: {counts}, {len(self.of('undecided'))} undecided "
            f"({self.rests_on}; {tests})"
        )


def verdict(tables: SeedTables, baseline: str) -> Verdict:
    """Judge the regimes of one study against one of them."""
    fresh = tables.record.fresh
    names = tables.hypervolumes.index.unique("regime")
    pairs = {name: pair([tables], name, baseline) for name in names if name != baseline}
    found = {str(name): each for name, each in pairs.items() if each is not None}
    corrected = holm([each.p for each in found.values()])
    n, needed = len(by_unit(tables.hypervolumes)), seeds_needed(max(1, len(found)))
    gains = [
        Gain(
            regime=regime,
            gain=each.difference,
            low=each.difference_low,
            high=each.difference_high,
            interval_of=each.interval_of,
            p_holm=p,
            side=_side(each.difference, p, n >= needed),
        )
        for (regime, each), p in zip(found.items(), corrected, strict=True)
    ]
    return Verdict(
        baseline=baseline,
        gains=tuple(sorted(gains, key=lambda each: -each.gain)),
        fresh=fresh is not None,
        seeds=len(tables.hypervolumes.index.unique("seed")),
        searches=len(fresh.searches) if fresh else tables.record.spec.searches,
        n=n,
        needed=needed,
        configurations=fresh.configurations if fresh else 0,
        resplit=fresh is not None and fresh.resplit,
        imported=tables.record.imported,
    )


def _side(gain: float, p: float | None, decides: bool) -> Side:
    if not (decides and significant(p)):
        return "undecided"
    return "better" if gain > 0 else "worse"


def findings(found: Verdict) -> str:
    """What was found, in sentences."""
    if not found.gains:
        return f"{found.headline}."
    if not found.fresh:
        return (
            f"Exploratory: {found.rests_on}. Configurations were chosen on them, so that no regime "
            f"is tested and none called better or worse; {_how_to_test(found)}."
        )
    if not found.decides:
        least = smallest_p(found.n)
        reach = "there is no p-value" if least is None else f"the smallest p-value is {least:.4g}"
        return (
            f"Exploratory: {found.rests_on}. For n = {found.n} {reach}, which Holm's correction "
            f"over {_comparisons(found)} with {found.baseline} leaves above {_LEVEL}: "
            f"significance takes n = {found.needed}."
        )
    what = "" if found.of_regimes else " of the configurations found"
    parts: list[str] = [
        f"On {found.rests_on}, test hypervolume{what} against {found.baseline} (exact signed-rank "
        f"test, {_LEVEL} after Holm's correction over {_comparisons(found)}):"
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
    if found.imported:
        parts.append(
            "These are networks of the configurations that were imported: how they were found, and "
            "that nothing was chosen on these seeds, is not known here."
        )
    elif found.searches == 1:
        parts.append(
            "One search found these configurations, and seeds say nothing of what another would "
            "find: by the luck of a search, equal regimes differ significantly in many studies. "
            "A claim about regimes takes several (searches: 10 in the study file)."
        )
    if found.fresh and found.tried_few:
        parts.append(
            f"Of some regime a search tried only {found.configurations} configurations; a claim "
            f"about regimes takes {CONFIGURATIONS_NEEDED} of each."
        )
    if found.fresh and not found.resplit:
        parts.append("All seeds share one split: another may give another order.")
    parts.append("Nothing follows for other data, networks, budgets of training or exit policies.")
    return " ".join(parts)


def _how_to_test(found: Verdict) -> str:
    if found.imported:
        return "harness import --fresh says on which seeds nothing was chosen"
    return "harness confirm trains what was found on fresh seeds"


def _comparisons(found: Verdict) -> str:
    count = len(found.gains)
    return f"{count} {'comparison' if count == 1 else 'comparisons'}"


def _in_words(gain: Gain) -> str:
    tested = "" if gain.p_holm is None else f", p {gain.p_holm:.2g}"
    return f"{gain.regime} ({gain.gain:+.4f} [{gain.low:+.4f}, {gain.high:+.4f}]{tested})"
