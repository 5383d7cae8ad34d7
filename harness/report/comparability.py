"""What may not be compared between studies, and why."""

from collections.abc import Iterator, Sequence

from harness.analysis.pairs import SeedTables
from harness.report.formats import SCORE_NAMES
from harness.statistics.paired import LEVEL


def not_comparable(studies: Sequence[SeedTables]) -> tuple[str, ...]:
    """What keeps numbers of these studies from being compared with each other, in sentences."""
    return (*_scores(studies), *_costs(studies), *_baselines(studies), *_evidence(studies))


def _scores(studies: Sequence[SeedTables]) -> Iterator[str]:
    scores = _grouped((SCORE_NAMES[each.record.score], each) for each in studies)
    if len(scores) > 1:
        yield (
            f"The scores differ, {_listed(scores)}: hypervolumes, gains and scores compare within "
            "a study alone; between studies of different scores only the order of the regimes does."
        )
    elif len({each.record.data_digest for each in studies}) > 1:
        yield (
            "Each study is tested on samples of its own, of other data or of another split: "
            "scores, hypervolumes and the size of gains compare within a study alone, between "
            "studies only the order of the regimes does."
        )


def _costs(studies: Sequence[SeedTables]) -> Iterator[str]:
    costs = _grouped((f"{each.record.reference.macs:,.0f} MACs", each) for each in studies)
    if len(costs) > 1:
        yield (
            "Cost is relative to each study's own largest full static network, "
            f"{_listed(costs)}: the same budget is not the same work."
        )


def _baselines(studies: Sequence[SeedTables]) -> Iterator[str]:
    baselines = _grouped((each.record.spec.baseline, each) for each in studies)
    if len(baselines) > 1:
        yield f"Gains are over different baselines, {_listed(baselines)}."


def _evidence(studies: Sequence[SeedTables]) -> Iterator[str]:
    searched = [each.record.name for each in studies if not each.fresh]
    if searched:
        yield (
            f"Exploratory alone: {', '.join(searched)}. Configurations were chosen on these "
            "seeds, so that nothing is tested on them."
        )
    if len(studies) - len(searched) > 1:
        yield (
            f"Holm's correction is within each study: over {len(studies) - len(searched)} studies "
            f"that test, a false difference in one of them is more likely than {100 * LEVEL:g} %."
        )


def _grouped(named: Iterator[tuple[str, SeedTables]]) -> dict[str, list[str]]:
    """Names of the studies by what they have."""
    found: dict[str, list[str]] = {}
    for what, tables in named:
        found.setdefault(what, []).append(tables.record.name)
    return found


def _listed(found: dict[str, list[str]]) -> str:
    return ", ".join(f"{what} ({', '.join(names)})" for what, names in found.items())
