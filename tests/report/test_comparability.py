"""What may not be compared is said where studies differ, and only there."""

import pytest

from harness.analysis.pairs import seed_tables
from harness.report.comparability import not_comparable
from harness.results.study_record import Reference
from tests.analysis.known import study
from tests.records import changed

KNOWN = {"joint": [0.4, 0.5], "hard_cgt": [0.5, 0.5]}


@pytest.fixture
def one(seeded):
    return study(seed_tables(seeded), "one", KNOWN, resplit=False)


def other(tables, fresh=True, **facts):
    """A second study that differs from the first in these facts alone."""
    found = study(tables, "other", KNOWN, fresh=fresh, resplit=False)
    return type(found)(changed(found.record, **facts), found.frontiers, found.hypervolumes)


def test_of_equal_studies_only_the_correction_is_said(one):
    (said,) = not_comparable([one, other(one)])
    assert said == (
        "Holm's correction is within each study: over 2 studies that test, a false difference in "
        "one of them is more likely than 5 %."
    )


def test_other_data_are_another_scale(one):
    said = not_comparable([one, other(one, manifest={"digest": "e" * 32})])
    assert said[0].startswith("Each study is tested on samples of its own")
    assert len(said) == 2


def test_different_scores_are_named_with_their_studies(one):
    reference = Reference(macs=90.0, score=0.0, rmse=2.0)
    facts = {"manifest": {"task": "regression", "digest": "e" * 32}, "reference": reference}
    said = not_comparable([one, other(one, **facts)])
    assert said[0].startswith("The scores differ, accuracy (one), R² (other): hypervolumes")
    assert not any("samples of its own" in sentence for sentence in said)


def test_what_a_budget_is_of_is_said_where_networks_differ(one):
    said = not_comparable([one, other(one, reference=Reference(macs=12345.0, score=1 / 3))])
    assert "90 MACs (one), 12,345 MACs (other): the same budget is not the same work." in said[0]


def test_different_baselines_are_named(one):
    said = not_comparable([one, other(one, spec={"baseline": "hard_cgt"})])
    assert said[0] == "Gains are over different baselines, joint (one), hard_cgt (other)."


def test_searched_seeds_are_no_evidence_and_count_as_no_test(one):
    said = not_comparable([one, other(one, fresh=False)])
    assert said == (
        "Exploratory alone: other. Configurations were chosen on these seeds, so that nothing is "
        "tested on them.",
    )
