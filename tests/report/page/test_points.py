"""The operating points that the page lists."""

import pandas as pd
import pytest

from harness.core.budgets import BUDGETS
from harness.frontier.operating_point import Wanted, choose
from harness.report.figures.pareto import thresholds_in_words
from harness.report.page.points import points_at_budgets
from harness.results.tables import read_frontier


def test_each_regime_has_its_best_point_on_validation_within_each_budget(reported):
    frame = read_frontier(reported.folder)
    found = points_at_budgets(frame)
    assert len(found) == len(BUDGETS) * frame["regime"].nunique()
    for _, line in found.iterrows():
        budget = float(line["budget"].rstrip("%")) / 100
        own = frame[(frame["regime"] == line["regime"]) & (frame["validation_cost"] <= budget)]
        if own.empty:
            assert line["trial"] == "every point costs more"
            continue
        best = own.loc[own["validation_accuracy"].idxmax()]
        assert line["trial"] == best["key"]
        assert float(line["validation score"]) == pytest.approx(
            best["validation_accuracy"], abs=1e-4
        )
        assert line["test cost"].endswith("†") == (best["test_cost"] > budget)
        assert line["thresholds"] == thresholds_in_words(best.to_frame().T).iloc[0]
        # What is listed is what it takes to export its network.
        exported = choose(frame, Wanted(regime=line["regime"], key=line["trial"]), 0.0)
        assert exported.key == line["trial"]


def test_a_budget_exceeded_on_test_is_marked():
    frame = pd.DataFrame(
        {
            "regime": "a", "key": ["k", "l"], "seed": 0, "static_exit": 0, "threshold_1": 0.5,
            "validation_cost": [0.2, 0.4], "validation_accuracy": [0.5, 0.6],
            "test_cost": [0.26, 0.45], "test_accuracy": [0.5, 0.6],
        }
    )  # fmt: skip
    found = points_at_budgets(frame)
    assert found["test cost"].tolist() == ["0.2600†", "0.4500", "0.4500"]
    assert found["trial"].tolist() == ["k", "l", "l"]
    assert "row" not in found
    assert found["thresholds"].tolist() == ["0.500"] * 3
