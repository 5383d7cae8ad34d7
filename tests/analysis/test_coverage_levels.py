"""Prediction sets below their level are marked, and the note says why they may be."""

import numpy as np
import pandas as pd
import pytest

from harness.analysis.coverage import coverage_table
from harness.analysis.coverage_levels import below_level, level_note
from harness.analysis.frontier_stage import write_frontier
from harness.results.tables import read_frontier

ROWS = [
    # sets, coverage, low, high, whether it is below .9 by more than chance
    ("conformal", 0.91, 0.88, 0.93, False),
    ("conformal", 0.89, 0.88, 0.93, False),
    ("conformal", 0.85, 0.88, 0.93, True),
    ("conformal", 0.94, 0.95, 0.97, False),
    ("nested", 0.84, 0.80, 0.88, True),
    ("nested", 0.86, 0.80, 0.91, False),
    ("anytime", 0.59, 0.55, 0.63, True),
    ("anytime", 0.89, 0.86, 0.92, False),
]


@pytest.fixture
def table():
    return pd.DataFrame(ROWS, columns=["sets", "coverage", "low", "high", "expected"])


def test_below_is_what_chance_does_not_explain(table):
    assert below_level(table, 0.1).tolist() == table["expected"].tolist()


def test_the_note_counts_by_construction_and_gives_reasons(table):
    note = level_note(table, 0.1)
    assert note.startswith("Coverage is below 90% by more than chance (`below`) for 1 of 4 of conf")
    for words in ("1 of 2 of nested sets, which intersect", "1 of 2 of anytime sets, which hold"):
        assert words in note
    assert "anytime" not in level_note(table[table["sets"] != "anytime"], 0.1)
    sound = table[~table["expected"]]
    assert level_note(sound, 0.1) == "No coverage is below 90% by more than chance."


def test_anytime_sets_of_networks_that_are_too_sure_are_marked(folder):
    for path in folder.glob("trials/*/test.npz"):
        with np.load(path) as arrays:
            found = dict(arrays)
        np.savez(path, **{**found, "values": 10 * found["values"]})
    record, _ = write_frontier(folder)
    table = coverage_table(folder, record, read_frontier(folder), alpha=0.1)
    last = table[(table["sets"] == "anytime") & (table["exit"] == 2)]
    assert below_level(table, 0.1)[last.index].any()
    assert "of anytime sets" in level_note(table, 0.1)
