"""Tables over the searches of several studies: pairs of those that have both regimes."""

import pytest

from docs.findings_pooled import GROUPS, pooled_table, rivals_table
from harness.analysis.pairs import pair, seed_tables
from tests.conftest import REPOSITORY

RESULTS = REPOSITORY / "results"
STUDIES = ("cgt_spectrum_10", "cgt_spectrum_5", "cgt_spatial_patch")
"""One of nine regimes and one of seven under random splits; one under a spatial split."""


def cells_of(shown):
    """Rows of a table of Markdown by their first two cells, each by its column."""
    head, _, *lines = (line.strip("| ").split(" | ") for line in shown.splitlines())
    return {tuple(line[:2]): dict(zip(head, line, strict=True)) for line in lines}


@pytest.fixture(scope="module")
def rivals():
    return cells_of(rivals_table(RESULTS, STUDIES))


def test_against_joint_it_is_the_gain_over_joint(rivals):
    gains = cells_of(pooled_table(RESULTS, STUDIES))
    for group in GROUPS:
        row = rivals[group, "joint"]
        for regime in ("cgt_official", "hard_cgt", "soft_cgt"):
            assert row[regime].strip("*") == gains[group, regime]["gain over joint [95%]"]


def test_searches_are_those_of_the_studies_that_have_both(rivals):
    first, second = (seed_tables(RESULTS / name) for name in STUDIES[:2])
    assert rivals["random splits", "joint"]["searches"] == "11"
    assert rivals["random splits", "distilled"]["searches"] == "8"
    assert ("spatial splits", "distilled") not in rivals
    for rival, studies in (("distilled", [first]), ("disjoint", [first, second])):
        found = pair(studies, "soft_cgt", rival)
        shown = rivals["random splits", rival]["soft_cgt"].strip("*")
        assert shown == (
            f"{found.difference:+.4f} [{found.difference_low:+.4f}, {found.difference_high:+.4f}]"
        )


def test_what_is_bold_survives_the_correction_over_all_comparisons(rivals):
    """Eleven searches can: 2^-10 over eighteen comparisons; three of the spatial study cannot."""
    marked = {key for key, row in rivals.items() if "**" in row["soft_cgt"]}
    assert ("random splits", "disjoint") in marked
    assert ("random splits", "joint") not in marked
    assert not any(group == "spatial splits" for group, _ in marked)
