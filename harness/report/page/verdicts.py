"""Which regimes are better or worse than a baseline, and where seeds are too few to say so."""

from collections.abc import Iterator
from dataclasses import dataclass

from harness.analysis.verdict import Gain, Verdict


@dataclass(frozen=True)
class GainList:
    """The regimes better or worse than a baseline, undecided, or exploratory: best gain first.

    Attributes
    ----------
    evidence
        What it rests on: seeds and correction.
    """

    title: str
    baseline: str
    evidence: str
    gains: tuple[Gain, ...]


def gain_lists(found: Verdict) -> Iterator[GainList]:
    """Better, worse and undecided, or one exploratory list where seeds cannot decide."""
    if not found.gains:
        return
    over = f"{found.rests_on}; Holm's correction over {len(found.gains)}"
    if not found.decides:
        needed = f"{over}: to decide takes n = {found.needed} of fresh seeds"
        yield GainList("Exploratory against", found.baseline, needed, found.gains)
        return
    yield GainList("Better than", found.baseline, over, found.of("better"))
    yield GainList("Worse than", found.baseline, over, found.of("worse"))
    yield GainList("Undecided against", found.baseline, over, found.of("undecided"))
