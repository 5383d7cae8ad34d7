"""Tables as text."""

import re

import pandas as pd
import pytest

from harness.analysis.frontier_stage import write_frontier
from harness.analysis.policy_comparison import EvaluationChoice
from harness.core.budgets import at_budgets
from harness.report.evaluation_sheets import evaluation_sheets
from harness.report.exceeded import exceeded_note, mark_exceeded
from harness.report.formats import cells, latex, markdown
from harness.report.sheets import pair_sheets, regime_sheets
from harness.results import study_record
from harness.results.stamp import table_set
from tests.made_up import make_confirmation
from tests.records import changed


@pytest.fixture
def text():
    frame = pd.DataFrame(
        {
            "regime": ["soft_cgt", "50% & more"],
            "gain": [-0.002, float("nan")],
            "gain_low": [-0.01, float("nan")],
            "gain_high": [0.03, float("nan")],
            "seeds": [3, 1],
            "very_long_head_of_it": [0.5, 0.25],
        }
    )
    return cells(frame, {"seeds": "n"})


def test_cells_hold_intervals_and_leave_missing_values_empty(text):
    assert list(text) == ["regime", "gain", "n", "very long head of it"]
    assert text["gain"].tolist() == ["-0.0020 [-0.0100, 0.0300]", ""]
    assert text["n"].tolist() == ["3", "1"]
    low_alone = cells(pd.DataFrame({"coverage": [0.5], "low": [0.4], "x_low": [0.1]}), {})
    assert list(low_alone) == ["coverage", "low", "x low"]


def test_markdown(text):
    assert markdown(text, "Caption").splitlines() == [
        "Caption",
        "",
        "| regime     |                      gain |   n |   very long head of it |",
        "|:-----------|--------------------------:|----:|-----------------------:|",
        "| soft_cgt   | -0.0020 [-0.0100, 0.0300] |   3 |                 0.5000 |",
        "| 50% & more |                           |   1 |                 0.2500 |",
    ]
    piped = markdown(pd.DataFrame({"a|b": ["0.50", "x|y"]}), "")
    assert r"| a\|b" in piped
    assert r"| x\|y" in piped
    assert "| 0.50 " in piped


def test_latex_escapes_and_balances(text):
    found = latex(text, "R² of a_b · 95 %", "tab:a_b")
    assert r"\caption{a $\geq$ b}" in latex(text, "a ≥ b", "tab:a")
    assert r"\caption{R\textsuperscript{2} of a\_b \textperiodcentered{} 95 \%}" in found
    assert r"\label{tab:a_b}" in found
    assert r"soft\_cgt & $-$0.0020 [$-$0.0100, 0.0300] & 3 & 0.5000 \\" in found
    assert r"50\% \& more &  & 1 & 0.2500 \\" in found
    assert r"\shortstack[r]{very\\long\\head\\of it}" in found
    assert r"{@{}lrrr@{}}" in found
    for rule in ("toprule", "midrule", "bottomrule"):
        assert found.count(f"\\{rule}") == 1
    bare = re.sub(r"\\[{}]", "", found)
    depth = 0
    for sign in bare:
        depth += (sign == "{") - (sign == "}")
        assert depth >= 0
    assert depth == 0
    assert re.findall(r"\\begin{(\w+\*?)}", found) == re.findall(r"\\end{(\w+\*?)}", found)[::-1]


def test_sheets_say_what_they_rest_on(seeded):
    found = regime_sheets([seeded])
    assert len(found.numbers) == 3
    (sheet,) = found.sheets
    for word in ("made-up data", "split s", "[0, 1]", "dddddddddddd", "n = 2 searched seeds"):
        assert word in sheet.note
    first = ["regime", "hypervolume [95%]", "gain over joint [95%]", "p (Holm)", "n", "best acc."]
    assert list(sheet.text)[:6] == first
    assert list(sheet.text)[-1] == "share ≥ joint"
    assert "chose for a regime is at least as accurate as joint's on test." in sheet.note
    assert sheet.title == "made-up: regimes compared over searched seeds (exploratory)"
    assert "no regime is tested and none called better or worse" in sheet.note
    assert sheet.label == "tab:made-up"
    (pairs,) = pair_sheets([seeded]).sheets
    assert len(pairs.text) == 3
    assert "dddddddddddd" in pairs.note
    assert "on these seeds, so that nothing is tested" in pairs.note
    assert "interval of" not in {*sheet.text, *pairs.text}


def test_sheets_of_a_confirmation_speak_of_fresh_seeds(folder):
    make_confirmation(folder)
    write_frontier(folder)
    (sheet,) = regime_sheets([folder]).sheets
    assert sheet.title == "made-up: regimes compared over fresh seeds"
    assert "drawn anew with each of the fresh seeds [1000, 1001, 1002]" in sheet.note
    assert "Exploratory: n = 3 fresh seeds, each with its own split. For n = 3" in sheet.note
    (pairs,) = pair_sheets([folder]).sheets
    assert "over the 3 pairs of regimes: for n = 3 the smallest p-value" in pairs.note


def test_several_studies_get_ranks_and_pairs_over_all(seeded, tmp_path):
    other = tmp_path / "other"
    other.mkdir()
    record = changed(study_record.read_study_record(seeded), spec={"name": "other"})
    study_record.write_study_record(other, record)
    with table_set(other, record) as tables:
        for name in ("seeds.parquet", "hypervolumes.parquet"):
            (tables / name).write_bytes((seeded / name).read_bytes())
    *_, ranks = regime_sheets([seeded, other]).sheets
    assert ranks.title == "Ranks by test hypervolume"
    assert ranks.text["mean rank"].tolist() == ["1", "2", "3"]
    assert ranks.text["made-up"].tolist() == ranks.text["other"].tolist() == ["1", "2", "3"]
    *_, together = pair_sheets([seeded, other]).sheets
    assert together.note.startswith("Pairs of study and seed, of the studies made-up, other. ")
    assert together.text["n"].tolist() == ["4", "4", "4"]


def test_evaluations_of_several_studies_become_one_sheet_that_names_the_choice():
    spent = {f"test_spent_at_{at}": [0.2] for at in (25, 50, 75)}
    scores = dict.fromkeys((*at_budgets("test_accuracy"), "test_best_accuracy"), 0.5)
    table = pd.DataFrame({"trials": [2], "study": "a", "regime": "joint", "test_hypervolume": 0.5})
    table = table.assign(fresh=False, **scores, **spent)
    choice = EvaluationChoice(selection="budgeted", cost="latency")
    found = evaluation_sheets([table, table.assign(study="b")], choice)
    assert list(found.sheets[0].text)[:3] == ["study", "regime", "test hypervolume"]
    (alone,) = evaluation_sheets([table], choice).sheets
    assert list(alone.text)[:2] == ["regime", "test hypervolume"]
    assert alone.title == (
        "a: regimes by exit policy, threshold selection and cost, over searched seeds (exploratory)"
    )
    assert "chosen on validation by budgeted" in found.sheets[0].note
    assert "cost is the latency of single samples" in found.sheets[0].note
    assert found.numbers["study"].tolist() == ["a", "b"]
    assert found.sheets[0].text["test hypervolume"].tolist() == ["0.5000", "0.5000"]


def test_scores_whose_budget_is_exceeded_on_test_are_marked():
    table = pd.DataFrame(
        {
            "regime": ["a", "b"],
            "accuracy_at_25": [0.5, float("nan")],
            "accuracy_at_50": [0.75, 0.7],
            "accuracy_at_75": [0.8, 0.9],
            "spent_at_25": [0.26, float("nan")],
            "spent_at_50": [0.5, 0.51],
            "spent_at_75": [0.6, 0.6],
        }
    )
    marked = mark_exceeded(table)
    assert list(marked) == ["regime", "accuracy_at_25", "accuracy_at_50", "accuracy_at_75"]
    assert marked["accuracy_at_25"].tolist() == ["0.5000†", ""]
    assert marked["accuracy_at_50"].tolist() == ["0.7500", "0.7000†"]
    assert "cost more than it" in exceeded_note(marked)
    assert exceeded_note(marked[["accuracy_at_75"]]) == ""
    assert r"0.5000\textdagger{}" in latex(cells(marked, {}), "", "tab:a")


def test_one_seed_is_named_in_the_heads_of_its_intervals(seeded, tmp_path):
    """Tables of one seed alone: no interval over seeds exists."""
    record = study_record.read_study_record(seeded)
    study_record.write_study_record(tmp_path, record)
    with table_set(tmp_path, record) as scratch:
        for name in ("seeds.parquet", "hypervolumes.parquet"):
            table = pd.read_parquet(seeded / name)
            table[table["seed"] == 0].to_parquet(scratch / name)
    (sheet,), (pairs,) = regime_sheets([tmp_path]).sheets, pair_sheets([tmp_path]).sheets
    assert "hypervolume [95%, test samples only]" in sheet.text
    assert "gain over joint [95%, test samples only]" in sheet.text
    assert "difference [95%, test samples only]" in pairs.text
    assert "n = 1 searched seed. " in sheet.note
