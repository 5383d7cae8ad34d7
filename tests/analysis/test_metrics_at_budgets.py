"""Metrics within cost budgets, on made-up trials: computed again from the stored logits."""

import numpy as np
import pytest
from scipy.special import softmax
from sklearn import metrics

from harness.core.budgets import DEPLOYMENT_BUDGETS
from harness.results.confirmation import confirmation_folder
from harness.results.sealed import read_test
from harness.results.tables import read_at_budgets, read_seeds


@pytest.fixture(params=["searched", "fresh"])
def own(judged, request):
    return judged if request.param == "searched" else confirmation_folder(judged)


def taken(folder, row, threshold):
    """Labels, predictions and exits (from 0) of a network of two exits on test."""
    test = read_test(folder, row["key"])
    first, last = test.values
    early = softmax(first.astype(float), -1).max(-1) >= threshold - 1e-9
    return test.labels, np.where(early, first.argmax(-1), last.argmax(-1)), np.where(early, 0, 1)


def test_metrics_are_those_of_the_point_that_validation_chose(own):
    seeds, found = read_seeds(own), read_at_budgets(own)
    for _, row in found.iterrows():
        points = seeds[(seeds["regime"] == row["regime"]) & (seeds["seed"] == row["seed"])]
        within = points[points["validation_cost"] <= row["budget"]]
        best = within.loc[within["validation_accuracy"].idxmax()]
        assert (row["key"], row["configuration"]) == (best["key"], best["configuration"])
        labels, predicted, exits = taken(own, row, best["threshold_1"])
        assert row["oa"] == pytest.approx((labels == predicted).mean())
        assert row["oa"] == pytest.approx(best["test_accuracy"])
        assert row["cost"] == pytest.approx(best["test_cost"])
        assert row["share_exit_1"] == pytest.approx((exits == 0).mean())
        assert row["share_exit_2"] == pytest.approx((exits == 1).mean())
        assert row["aa"] == pytest.approx(metrics.balanced_accuracy_score(labels, predicted))
        assert row["kappa"] == pytest.approx(metrics.cohen_kappa_score(labels, predicted))
        for average in ("macro", "weighted"):
            f1 = metrics.f1_score(labels, predicted, average=average)
            assert row[f"f1_{average}"] == pytest.approx(f1)
            precision = metrics.precision_score(labels, predicted, average=average)
            assert row[f"precision_{average}"] == pytest.approx(precision)


def test_a_budget_that_no_point_keeps_has_no_row(own):
    seeds, found = read_seeds(own), read_at_budgets(own)
    least = seeds.groupby(["regime", "seed"])["validation_cost"].min()
    for name, cheapest in least.items():
        rows = found[(found["regime"] == name[0]) & (found["seed"] == name[1])]
        kept = [budget for budget in DEPLOYMENT_BUDGETS if budget >= cheapest]
        assert rows["budget"].tolist() == kept
        assert len(kept) < len(DEPLOYMENT_BUDGETS)
