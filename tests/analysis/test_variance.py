"""The table of what gains vary with, of studies whose hypervolumes are known."""

import pytest

from harness.analysis.pairs import seed_tables
from harness.analysis.variance import variance_table
from tests.analysis.known import study


@pytest.fixture
def tables(seeded):
    return seed_tables(seeded)


JOINT = [0.5, 0.5, 0.5, 0.5]


def test_what_searches_found_and_what_seeds_did_are_told_apart(tables):
    found = study(
        tables,
        "two",
        {"joint": JOINT, "lucky": [0.6, 0.6, 0.4, 0.4], "shaky": [0.6, 0.4, 0.6, 0.4]},
        searches=2,
    )
    rows = variance_table(found).set_index("regime")
    assert rows.loc["lucky", "searches"] == pytest.approx(1, abs=1e-3)
    assert rows.loc["shaky", "seeds"] == pytest.approx(1, abs=1e-3)
    assert "joint" not in rows.index
    assert (rows[["searches", "seeds", "samples"]].sum(axis=1) - 1).abs().max() < 1e-9


def test_one_search_or_searched_seeds_have_no_such_table(tables):
    values = {"joint": JOINT, "other": [0.6, 0.6, 0.4, 0.4]}
    assert variance_table(study(tables, "one", values)).empty
    assert variance_table(study(tables, "searched", values, searches=2, fresh=False)).empty
