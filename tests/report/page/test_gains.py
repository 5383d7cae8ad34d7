"""Cells of the table of gains: a size, and what the test says of it."""

from dataclasses import replace

import pytest

from harness.analysis.pairs import seed_tables
from harness.analysis.verdict import verdict
from harness.report.page.gains import EXPLORATORY, GainCell, gain_cell
from tests.analysis.known import study
from tests.report.page.test_verdicts import values


@pytest.fixture
def judged(seeded):
    def judge(seeds, **how):
        return verdict(study(seed_tables(seeded), "s", values(seeds), **how), "base")

    return judge


def test_a_cell_says_gain_interval_p_and_side(judged):
    found = judged(10)
    sides = {gain.regime: gain for gain in found.gains}
    for regime, side in (("a", "better"), ("b", "worse"), ("c", "undecided")):
        gain = sides[regime]
        cell = gain_cell(found, regime)
        assert cell.gain == f"{gain.gain:+.4f} [{gain.low:+.4f}, {gain.high:+.4f}]"
        assert cell.tested == f"p {gain.p_holm:.2g}: {side}"
        assert cell.decided == (side != "undecided")


@pytest.mark.parametrize(("seeds", "fresh"), [(6, True), (10, False)])
def test_what_decides_nothing_is_marked(judged, seeds, fresh):
    cell = gain_cell(judged(seeds, fresh=fresh), "a")
    assert cell.tested.endswith(f": exploratory {EXPLORATORY}")
    assert cell.tested.startswith("p " if fresh else "not tested")
    assert not cell.decided


def test_an_interval_over_test_samples_alone_says_so(judged):
    assert gain_cell(judged(1), "a").tested.startswith(
        "interval over test samples only; not tested"
    )


def test_the_baseline_and_what_a_study_lacks_have_no_gain(judged):
    found = judged(10)
    assert gain_cell(found, "base") == GainCell("baseline")
    assert gain_cell(found, "other") == GainCell("not in this study")
    assert gain_cell(replace(found, gains=()), "a") == GainCell("not in this study")
