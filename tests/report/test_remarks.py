"""What is said under a comparison follows from its numbers."""

import pandas as pd
import pytest

from harness.report.remarks import remarks

NAMES = ["regime", "hypervolume", "accuracy_at_25", "accuracy_at_50", "accuracy_at_75"]
SOUND = [
    ("joint", 0.5, 0.5, 0.6, 0.7, 0.8),
    ("soft_cgt", 0.4, 0.5, 0.6, 0.7, 0.7),
    ("single_exit", 0.3, 0.4, 0.5, 0.6, 0.9),
]


def table(rows, prefix="", **columns):
    found = pd.DataFrame(rows, columns=[*NAMES, "best_accuracy"]).set_index("regime")
    return found.add_prefix(prefix).reset_index().assign(**columns)


def test_every_early_exit_above_the_static_networks():
    assert remarks(table(SOUND, study="s")) == (
        " 2 of 2 early-exit regimes have more test hypervolume than single_exit, separate static "
        "networks."
    )


def test_some_and_none_above_the_static_networks():
    some = [*SOUND[:2], ("single_exit", 0.45, *SOUND[2][2:])]
    assert " 1 of 2 early-exit regimes" in remarks(table(some, study="s"))
    assert remarks(table(some, study="s")).endswith("networks, all but soft_cgt.")
    none = [*SOUND[:2], ("single_exit", 0.55, *SOUND[2][2:])]
    assert remarks(table(none, "test_", study="s", policy="p"), "test_") == (
        " No early-exit regime has more test hypervolume than single_exit, separate static "
        "networks: 0.5500, the best of them joint 0.5000. "
        "So evaluated, early exit does not pay here."
    )


def test_each_study_and_policy_has_its_own_sentence():
    both = pd.concat([table(SOUND, study="s", policy=policy) for policy in ("margin", "entropy")])
    found = remarks(both)
    for policy in ("margin", "entropy"):
        assert f"networks (s, {policy})." in found


@pytest.mark.parametrize("rows", [SOUND[:2], SOUND[2:]])
def test_without_static_networks_or_others_nothing_is_compared(rows):
    assert remarks(table(rows, study="s")) == ""


def test_cells_without_an_affordable_point_are_explained():
    rows = [("joint", 0.5, float("nan"), 0.6, 0.7, 0.8), SOUND[1]]
    assert remarks(table(rows, study="s")).startswith(" Empty at 25%: every point of the regime")


def test_a_score_within_a_budget_above_the_best_is_explained():
    rows = [("joint", 0.5, 0.5, 0.6, 0.81, 0.8), SOUND[1]]
    assert " Best is best on validation, at any cost" in remarks(table(rows, study="s"))
    assert "Best" not in remarks(table(SOUND, study="s"))


def test_of_a_regression_less_is_better():
    rows = table(SOUND[:2], study="s")
    rows.columns = [name.replace("accuracy", "rmse") for name in rows]
    assert " Best is best on validation, at any cost" in remarks(rows)
    assert remarks(rows.assign(best_rmse=0.4)) == ""


def test_of_validation_and_without_a_study():
    assert remarks(table(SOUND, "validation_"), "validation_") == (
        " 2 of 2 early-exit regimes have more validation hypervolume than single_exit, separate "
        "static networks."
    )
