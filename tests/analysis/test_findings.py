"""Findings of the made-up study: the tables' own figures, and points chosen anew by hand."""

from collections import defaultdict

import numpy as np
import pytest
from scipy.special import softmax

from harness.analysis.comparison import regime_table
from harness.analysis.findings import ALL_BUDGETS, Asked, study_findings
from harness.analysis.pairs import seed_tables
from harness.analysis.regime_metrics import regime_metrics
from harness.core.errors import InputError
from harness.results import trials
from harness.results.confirmation import confirmation_folder, read_confirmed
from harness.results.sealed import read_test
from tests.made_up import make_study

WANTED = (0.6, 0.4)


@pytest.fixture(scope="module")
def found(judged):
    asked = Asked(("max_softmax", "margin"), at_routing=WANTED)
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
            assert row.r2 is row.rmse is row.at_routing is None


def test_hypervolumes_and_gains_are_those_of_the_comparison(judged, found):
    for _, wanted in regime_table(seed_tables(judged)).iterrows():
        for row in own(found, regime=wanted["regime"]):
            assert row.hypervolume == pytest.approx(wanted["hypervolume"], abs=1e-12)
            assert row.hypervolume_low == pytest.approx(wanted["hypervolume_low"], abs=1e-6)
            assert row.gain == pytest.approx(wanted["gain"], abs=1e-12)
            assert (row.seeds, row.trials) == (wanted["seeds"], wanted["trials"])
            expected = None if row.regime == row.baseline else wanted["p_holm"]
            assert row.p_holm == pytest.approx(expected)


def test_at_a_routing_are_the_most_accurate_networks_by_thresholds_of_validation(judged, found):
    folder, record = confirmation_folder(judged), read_confirmed(judged)
    rows = own(found, at_routing=WANTED)
    assert {row.regime for row in rows} == {c.regime for c in record.succeeded()}
    for row in rows:
        by_seed = defaultdict(list)
        for configuration in record.succeeded():
            if configuration.regime != row.regime:
                continue
            for result in (trials.read_trial(folder, key) for key in configuration.keys):
                first = softmax(result.validation.values[0].astype(float), -1).max(-1)
                leaving = round(WANTED[0] * len(first))
                threshold = np.sort(first)[-leaving]
                right, _ = so_thresholded(result.validation, threshold)
                by_seed[result.spec.seed].append((right, threshold, result.spec.key))
        best = [max(each, key=lambda one: one[0]) for each in by_seed.values()]
        tested = [so_thresholded(read_test(folder, key), cut) for _, cut, key in best]
        assert row.budget is None
        assert row.accuracy == pytest.approx(np.mean([right for right, _ in tested]))
        assert row.routing[0] == pytest.approx(np.mean([early for _, early in tested]))


def so_thresholded(outputs, threshold):
    """Accuracy of a network with two exits, and the share that leaves at the first."""
    values = outputs.values.astype(float)
    early = softmax(values[0], -1).max(-1) >= threshold
    taken = np.where(early, values[0].argmax(-1), values[1].argmax(-1))
    return (taken == outputs.labels).mean(), early.mean()


def test_another_policy_has_rows_of_its_own(found):
    assert {(row.policy, row.cost_axis) for row in found} == {
        ("max_softmax", "macs"),
        ("margin", "macs"),
    }
    plain, other = own(found, budget=1.0), own(found, budget=1.0, policy="margin")
    assert [row.regime for row in plain] == [row.regime for row in other]
    assert [row.hypervolume for row in plain] != [row.hypervolume for row in other]


def test_another_number_of_exits_and_a_study_without_confirmation_are_refused(judged, tmp_path):
    with pytest.raises(InputError, match=r"--routing: 3 shares for networks with 2 exits"):
        study_findings(judged, Asked(at_routing=(0.5, 0.3, 0.2)))
    with pytest.raises(InputError, match="nothing is confirmed on fresh seeds yet"):
        study_findings(make_study(tmp_path), Asked())
