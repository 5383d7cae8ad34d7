"""Findings of the made-up study: the tables' own figures, and points chosen anew by hand."""

import numpy as np
import pytest
from scipy.special import softmax

from harness.analysis.comparison import regime_table
from harness.analysis.findings import ALL_BUDGETS, Asked, nearest_routing, study_findings
from harness.analysis.pairs import seed_tables
from harness.analysis.regime_metrics import regime_metrics
from harness.core.errors import InputError
from harness.results.confirmation import confirmation_folder
from harness.results.sealed import read_test
from harness.results.tables import read_seeds
from tests.made_up import make_study

WANTED = (0.6, 0.4)


@pytest.fixture(scope="module")
def found(judged):
    asked = Asked(("max_softmax", "margin"), near_routing=WANTED)
    seen = []
    record, rows = study_findings(judged, asked, seen.append)
    assert record.fresh is not None
    assert seen == ["max_softmax, macs", "margin, macs"]
    return rows


def own(rows, **chosen):
    """The rows under the study's own policy and cost axis, of which some fields are given."""
    chosen = {"policy": "max_softmax", "cost_axis": "macs", **chosen}
    return [row for row in rows if all(getattr(row, k) == v for k, v in chosen.items())]


def test_within_budgets_they_are_the_figures_of_the_tables(judged, found):
    for budget in ALL_BUDGETS:
        rows = {row.regime: row for row in own(found, budget=budget)}
        try:
            _, table = regime_metrics(judged, budget)
        except InputError:
            assert not rows
            continue
        assert set(rows) == set(table["regime"])
        for _, wanted in table.iterrows():
            row = rows[wanted["regime"]]
            assert row.accuracy == pytest.approx(wanted["oa"], abs=1e-12)
            assert row.accuracy_low == pytest.approx(wanted["oa_low"], abs=1e-12)
            assert row.f1_weighted == pytest.approx(wanted["f1_weighted"], abs=1e-12)
            assert row.average_accuracy == pytest.approx(wanted["aa"], abs=1e-12)
            assert row.relative_cost == pytest.approx(wanted["cost"], abs=1e-12)
            shares = [wanted["share_exit_1"], wanted["share_exit_2"]]
            assert row.routing == pytest.approx(shares, abs=1e-12)
            assert row.r2 is row.rmse is row.near_routing is None


def test_hypervolumes_and_gains_are_those_of_the_comparison(judged, found):
    for _, wanted in regime_table(seed_tables(judged)).iterrows():
        for row in own(found, regime=wanted["regime"]):
            assert row.hypervolume == pytest.approx(wanted["hypervolume"], abs=1e-12)
            assert row.hypervolume_low == pytest.approx(wanted["hypervolume_low"], abs=1e-6)
            assert row.gain == pytest.approx(wanted["gain"], abs=1e-12)
            assert (row.seeds, row.trials) == (wanted["seeds"], wanted["trials"])
            expected = None if row.regime == row.baseline else wanted["p_holm"]
            assert row.p_holm == pytest.approx(expected)


def test_the_nearest_routing_is_chosen_on_validation_and_evaluated_on_test(judged, found):
    seeds = read_seeds(confirmation_folder(judged))
    rows = own(found, near_routing=WANTED)
    assert {row.regime for row in rows} == set(seeds["regime"])
    for row in rows:
        right, leaving = [], []
        for _, points in seeds[seeds["regime"] == row.regime].groupby("seed"):
            off = (points["validation_share_exit_1"] - WANTED[0]).abs().round(9)
            best = points.loc[off.idxmin()]
            test = read_test(confirmation_folder(judged), best["key"])
            early = softmax(test.values[0].astype(float), -1).max(-1) >= best["threshold_1"] - 1e-9
            taken = np.where(early, test.values[0].argmax(-1), test.values[1].argmax(-1))
            right.append((taken == test.labels).mean())
            leaving.append(early.mean())
        assert row.budget is None
        assert row.accuracy == pytest.approx(np.mean(right))
        assert row.routing[0] == pytest.approx(np.mean(leaving))


def test_another_policy_has_rows_of_its_own(found):
    assert {(row.policy, row.cost_axis) for row in found} == {
        ("max_softmax", "macs"),
        ("margin", "macs"),
    }
    plain, other = own(found, budget=1.0), own(found, budget=1.0, policy="margin")
    assert [row.regime for row in plain] == [row.regime for row in other]
    assert [row.hypervolume for row in plain] != [row.hypervolume for row in other]


def test_static_networks_have_no_routing_to_be_near(judged):
    seeds = read_seeds(confirmation_folder(judged))
    seeds.loc[seeds["regime"] == seeds["regime"].iloc[0], "static_exit"] = 1
    chosen = nearest_routing(seeds, WANTED)
    assert seeds["regime"].iloc[0] not in set(chosen["regime"])
    assert not chosen.duplicated(["regime", "seed"]).any()


def test_another_number_of_exits_and_a_study_without_confirmation_are_refused(judged, tmp_path):
    with pytest.raises(InputError, match=r"--routing: 3 shares for networks with 2 exits"):
        study_findings(judged, Asked(near_routing=(0.5, 0.3, 0.2)))
    with pytest.raises(InputError, match="nothing is confirmed on fresh seeds yet"):
        study_findings(make_study(tmp_path), Asked())
