"""Regimes' metrics within a budget, on the made-up study: means and intervals by hand."""

import numpy as np
import pytest
from scipy.stats import ttest_1samp

from harness.analysis.frontier_stage import write_frontier
from harness.analysis.regime_metrics import regime_metrics
from harness.core.errors import InputError
from harness.report.metric_sheets import metric_sheets
from harness.results.confirmation import confirmation_folder
from harness.results.tables import read_at_budgets
from tests.made_up import make_confirmation, make_study


@pytest.fixture(scope="module")
def searched(tmp_path_factory):
    folder = make_study(tmp_path_factory.mktemp("searched"))
    write_frontier(folder)
    return folder


def test_means_and_intervals_are_over_fresh_seeds(judged):
    tables, found = regime_metrics(judged, 1.0)
    kept = read_at_budgets(confirmation_folder(judged))
    assert tables.fresh
    assert set(found["regime"]) == set(kept["regime"])
    for _, row in found.iterrows():
        own = kept[(kept["regime"] == row["regime"]) & (kept["budget"] == 1.0)]
        assert row["seeds"] == len(own) == 3
        for name in ("oa", "f1_weighted", "kappa", "cost"):
            assert row[name] == pytest.approx(own[name].mean())
            interval = ttest_1samp(own[name], 0.0).confidence_interval(0.95)
            assert (row[f"{name}_low"], row[f"{name}_high"]) == pytest.approx(tuple(interval))
        assert row["share_exit_1"] + row["share_exit_2"] == pytest.approx(1)
    assert (found["oa"].diff().dropna() <= 0).all()


def test_with_several_searches_intervals_are_over_them(tmp_path):
    folder = make_study(tmp_path)
    make_confirmation(folder, searches=((1000, 1001), (1002, 1003)))
    write_frontier(folder)
    _, found = regime_metrics(folder, 1.0)
    kept = read_at_budgets(confirmation_folder(folder))
    row = found.iloc[0]
    own = kept[(kept["regime"] == row["regime"]) & (kept["budget"] == 1.0)].set_index("seed")["oa"]
    means = np.array([own[[1000, 1001]].mean(), own[[1002, 1003]].mean()])
    half = ttest_1samp(means, 0.0).confidence_interval(0.95).high - means.mean()
    assert row["oa_high"] - row["oa"] == pytest.approx(half)


def test_searched_seeds_are_said_to_be_exploratory(searched):
    sheets = metric_sheets([searched], 1.0)
    (sheet,) = sheets.sheets
    assert "searched seeds (exploratory)" in sheet.title
    assert not sheets.numbers["fresh"].any()
    assert list(sheet.text)[:4] == ["regime", "OA [95%]", "routing", "cost [95%]"]


def test_a_budget_that_is_not_kept_or_not_met_is_refused(searched):
    with pytest.raises(InputError, match=r"--at 0.33: metrics are kept for the cost budgets 0.05"):
        regime_metrics(searched, 0.33)
    with pytest.raises(InputError, match=r"--at 0.05: no regime has a point within this cost"):
        regime_metrics(searched, 0.05)
