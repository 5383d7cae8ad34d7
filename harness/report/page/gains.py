"""Gains over the baseline by regime and study, as the page of several studies shows them."""

from dataclasses import dataclass

from harness.analysis.verdict import Gain, Verdict

EXPLORATORY = "‡"
"""Marks what decides nothing: searched seeds, or too few fresh ones."""


@dataclass(frozen=True)
class GainCell:
    """A regime in a study.

    Attributes
    ----------
    gain
        With its interval, or why there is none.
    tested
        What the test says of it, in words.
    decided
        Whether it is better or worse than the baseline.
    """

    gain: str
    tested: str = ""
    decided: bool = False


def gain_cell(found: Verdict, regime: str) -> GainCell:
    """A regime's gain over a study's baseline, and what the test says of it."""
    if regime == found.baseline:
        return GainCell("baseline")
    gains = [each for each in found.gains if each.regime == regime]
    return _cell(gains[0], found.decides) if gains else GainCell("not in this study")


def _cell(gain: Gain, decides: bool) -> GainCell:
    size = f"{gain.gain:+.4f} [{gain.low:+.4f}, {gain.high:+.4f}]"
    samples = "interval over test samples only; " if gain.interval_of == "test samples" else ""
    tested = "not tested" if gain.p_holm is None else f"p {gain.p_holm:.2g}"
    said = gain.side if decides else f"exploratory {EXPLORATORY}"
    return GainCell(size, f"{samples}{tested}: {said}", gain.side != "undecided")
