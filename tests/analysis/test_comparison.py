"""Comparisons over seeds with known results."""

import dataclasses

import numpy as np
import pandas as pd
import pytest

from harness.analysis.comparison import (
    rank_table,
    regime_table,
    significance,
    verdict_over_studies,
    with_ranks,
)
from harness.analysis.frontiers import regime_indices
from harness.analysis.pairs import EVERY_STUDY, pair, pair_table, seed_tables
from harness.core.errors import InputError
from harness.statistics.attainment import attained_share
from harness.statistics.paired import holm
from tests.analysis.known import fresh_seeds, study
from tests.records import changed


@pytest.fixture
def tables(seeded):
    return seed_tables(seeded)


def test_the_table_holds_means_over_seeds_of_what_each_seed_gives(tables):
    table = regime_table(tables).set_index("regime")
    assert set(table["seeds"]) == {2}
    seeds = [
        regime_indices(tables.record, rows).set_index("regime")
        for _, rows in tables.frontiers.groupby("seed")
    ]
    for name, column in (
        ("hypervolume", "test_hypervolume"),
        ("accuracy_at_50", "test_accuracy_at_50"),
        ("cost_at_95", "test_cost_at_95"),
        ("best_accuracy", "test_best_accuracy"),
    ):
        for regime in table.index:
            expected = np.mean([each.loc[regime, column] for each in seeds])
            assert table.loc[regime, name] == pytest.approx(expected, nan_ok=True)
    assert table["hypervolume"].is_monotonic_decreasing
    assert (table["hypervolume_low"] < table["hypervolume"]).all()
    assert (table["hypervolume"] < table["hypervolume_high"]).all()


def test_gain_and_attainment_are_paired_with_joint(tables):
    table = regime_table(tables).set_index("regime")
    wide = tables.hypervolumes[0]
    for regime in ("hard_cgt", "single_exit"):
        less = wide.xs(regime, level="regime") - wide.xs("joint", level="regime")
        row = table.loc[regime]
        assert row["gain"] == pytest.approx(less.mean())
        assert row["gain_low"] <= row["gain"] <= row["gain_high"]
        shares = [
            attained_share(tables.staircases[regime, seed], tables.staircases["joint", seed], 1.0)
            for seed in (0, 1)
        ]
        assert row["attains_baseline"] == pytest.approx(np.mean(shares))
    # The seeds are searched: nothing is tested on what configurations were chosen on.
    assert not table["fresh"].any()
    assert table[["p", "p_holm", "smallest_p"]].isna().all(axis=None)
    joint = table.loc["joint"]
    assert joint[["gain", "gain_low", "gain_high"]].eq(0).all()
    assert joint["attains_baseline"] == 1


def test_fresh_seeds_are_tested_against_the_baseline(tables):
    fresh = changed(tables.record, fresh=fresh_seeds([(0, 1)]))
    found = regime_table(dataclasses.replace(tables, record=fresh))
    searched = regime_table(tables)
    assert found["fresh"].all()
    dropped = ["fresh", "p", "p_holm", "smallest_p"]
    pd.testing.assert_frame_equal(found.drop(columns=dropped), searched.drop(columns=dropped))
    table = found.set_index("regime")
    for regime in ("hard_cgt", "single_exit"):
        assert table.loc[regime, "p"] in {0.5, 1.0}
        assert table.loc[regime, "smallest_p"] == 0.5
    # Holm over the two comparisons with the baseline, not over the three pairs.
    assert table["p_holm"].dropna().tolist() == pytest.approx(holm(table["p"].dropna().tolist()))
    assert table.loc["joint", ["p", "p_holm", "smallest_p"]].isna().all()


def test_of_several_searches_the_means_of_their_seeds_are_paired(tables):
    values = {"a": [0.5, 0.7, 0.6, 0.8], "joint": [0.4, 0.5, 0.7, 0.5]}
    found = pair([study(tables, "s", values, searches=2)], "a", "joint")
    assert (found.pairs, found.smallest_p, found.p) == (2, 0.5, 0.5)
    assert found.difference == pytest.approx(np.mean([0.15, 0.1]))
    # Student's t interval of the two searches, and the noise that all share cancels.
    half = 12.706 * np.std([0.15, 0.1], ddof=1) / np.sqrt(2)
    assert found.difference_high - found.difference == pytest.approx(half, rel=1e-3)
    assert pair([study(tables, "s", values)], "a", "joint").pairs == 4


@pytest.mark.parametrize(
    ("seeds", "how", "words"),
    [
        (1, {"fresh": False}, "n = 1 searched seed"),
        (3, {"fresh": False}, "n = 3 searched seeds"),
        (1, {}, "n = 1 fresh seed"),
        (10, {"searches": 5}, "n = 10 fresh seeds"),
    ],
)
def test_number_and_kind_of_the_seeds_are_said(tables, seeds, how, words):
    assert study(tables, "s", {"a": [0.5] * seeds, "joint": [0.4] * seeds}, **how).rests_on == words


def test_one_study_of_searched_seeds_leaves_all_studies_together_untested(tables):
    values = {"a": [0.5, 0.6], "joint": [0.4, 0.55]}
    both = [study(tables, "first", values), study(tables, "second", values, fresh=False)]
    table = pair_table(both).set_index("study")
    assert table.loc["first", "p"] == 0.5
    assert table.loc[["second", EVERY_STUDY], ["p", "p_holm", "smallest_p"]].isna().all(axis=None)


def test_with_one_seed_the_interval_is_of_test_samples(tables):
    table = regime_table(study(tables, "s", {"won": [0.5], "joint": [0.4]}))
    assert (table["interval_of"] == "test samples").all()
    assert (table["gain_low"] <= table["gain"]).all()
    assert table["p"].isna().all()


def test_what_n_pairs_can_show_is_said():
    assert significance(3, 3, "comparisons with joint") == (
        "Holm's correction is over the 3 comparisons with joint: for n = 3 the smallest p-value "
        "that the signed-rank test can give is 0.25, corrected 0.75, so that none can be "
        "significant at the 5 % level: that takes n = 7."
    )
    assert significance(6, 1, "pairs").endswith("can give is 0.03125, corrected 0.03125.")
    assert significance(1, 1, "comparisons with joint") == (
        "For n = 1 there is no p-value; a significant one takes n = 6 for 1 comparisons with joint."
    )


def test_a_study_without_joint_has_no_gains(tables):
    values = {"mixed": [0.5, 0.6], "hard_cgt": [0.4, 0.5]}
    table = regime_table(study(tables, "s", values))
    assert table["gain"].isna().all()
    assert table["attains_baseline"].isna().all()


def test_all_pairs_once_the_better_first_with_holm_over_all(tables):
    values = {"a": [0.1] * 6, "b": [0.2, 0.3, 0.4, 0.25, 0.35, 0.45], "joint": [0.15] * 6}
    values["a"] = [v + 0.001 * i for i, v in enumerate(values["a"])]
    table = pair_table([study(tables, "s", values)])
    assert {frozenset(x) for x in table[["regime", "other"]].to_numpy()} == {
        frozenset(x) for x in (("a", "b"), ("a", "joint"), ("b", "joint"))
    }
    assert (table["difference"] > 0).all()
    assert table["difference"].is_monotonic_decreasing
    assert table["p"].tolist() == pytest.approx([2 / 64] * 3)
    assert table["p_holm"].tolist() == pytest.approx([6 / 64] * 3)
    assert table["pairs"].eq(6).all()
    assert table["attains"].eq(1).all()
    assert table["attained"].eq(0).all()


def test_a_pair_turned_is_the_pair_the_other_way_round(tables):
    found = pair([tables], "hard_cgt", "joint")
    other = pair([tables], "joint", "hard_cgt")
    assert found.turned().turned() == found
    for name in ("difference", "difference_low", "difference_high", "p", "attains", "attained"):
        assert getattr(found.turned(), name) == pytest.approx(getattr(other, name))


def test_only_seeds_that_both_have_are_paired(tables):
    some = study(tables, "s", {"a": [0.5, 0.6, 0.9], "b": [0.4, 0.5]})
    assert pair([some], "a", "b").pairs == 2
    assert pair([some], "a", "b").difference == pytest.approx(0.1)
    assert pair([some], "a", "none") is None


def test_over_several_studies_pairs_are_of_study_and_seed(tables):
    first = study(tables, "first", {"a": [0.5, 0.6], "joint": [0.4, 0.55], "c": [0.1, 0.1]})
    second = study(tables, "second", {"a": [0.8], "joint": [0.7]})
    table = pair_table([first, second]).set_index(["study", "regime", "other"])
    alone = table.loc["second", "a", "joint"]
    assert alone["pairs"] == 1
    assert alone[["p", "p_holm", "smallest_p"]].isna().all()
    both = table.loc[EVERY_STUDY, "a", "joint"]
    assert both["pairs"] == 3
    assert both["difference"] == pytest.approx((0.1 + 0.05 + 0.1) / 3)
    assert both["p"] == both["smallest_p"] == 0.25
    assert both["p_holm"] == pytest.approx(0.75)
    assert len(table.loc[EVERY_STUDY]) == 3


def test_ranks_are_among_the_regimes_that_all_studies_have(tables):
    first = study(tables, "z", {"a": [0.5], "joint": [0.4], "c": [0.9], "d": [0.4]})
    second = study(tables, "b", {"a": [0.1], "joint": [0.2], "d": [0.3]})
    ranked = with_ranks([regime_table(first), regime_table(second)])
    found = ranked.set_index(["study", "regime"])["rank"]
    assert np.isnan(found["z", "c"])
    assert [found["z", name] for name in ("a", "joint", "d")] == [1, 2.5, 2.5]
    table = rank_table(ranked)
    assert list(table) == ["regime", "z", "b", "mean_rank"]
    assert table["regime"].tolist() == ["d", "a", "joint"]
    assert table["mean_rank"].tolist() == [1.75, 2, 2.25]


def test_the_summary_states_losses_beside_wins(tables):
    values = {"won": [0.5], "joint": [0.4], "lost": [0.1], "mixed": [0.5]}
    first = study(tables, "first", values)
    second = study(tables, "second", values | {"mixed": [0.3]})
    ranked = with_ranks([regime_table(first), regime_table(second)])
    text = verdict_over_studies(ranked, {"first": "joint", "second": "joint"})
    assert text == (
        "Regimes with more mean test hypervolume than joint, of 2 studies (2 pairs of study and "
        "seed): in every study: won; in some: mixed; in none: lost."
    )
    other = verdict_over_studies(ranked, {"first": "joint", "second": "won"})
    assert "than the study's baseline, of 2 studies" in other
    assert "in every study: none" in other


def test_the_family_is_the_regimes_against_the_baseline_and_a_larger_one_for_all_pairs(tables):
    """14 regimes, 10 seeds: 13 comparisons can be significant, 91 pairs cannot."""
    values = {f"r{i}": [0.5 + i / 100 + seed / 1000 for seed in range(10)] for i in range(13)}
    values["joint"] = [0.4] * 10
    tables = study(tables, "s", values)
    table = regime_table(tables)
    assert table["p_holm"].dropna().tolist() == pytest.approx([13 / 512] * 13)
    assert pair_table([tables])["p_holm"].tolist() == pytest.approx([91 / 512] * 91)
    assert "none can be significant" not in significance(10, 13, "comparisons with joint")
    assert "that takes n = 12" in significance(10, 91, "pairs of regimes")


def test_before_the_frontier_stage_it_says_what_to_run(folder):
    with pytest.raises(InputError, match=r"not there yet; run `harness frontier made-up`"):
        seed_tables(folder)


def test_costs_at_accuracies_are_chosen_on_validation_and_paid_on_test(tables):
    frame = pd.DataFrame(
        {
            "regime": ["a", "a", "a", "b"],
            "validation_cost": [0.2, 0.4, 0.9, 0.3],
            "validation_accuracy": [0.8, 0.96, 1.0, 0.5],
            "test_cost": [0.25, 0.45, 0.95, 0.35],
            "test_accuracy": [0.99, 0.7, 0.9, 0.5],
        }
    )
    found = regime_indices(tables.record, frame).set_index("regime")
    assert found.loc["a", "validation_cost_at_95"] == 0.4
    assert found.loc["a", "test_cost_at_95"] == 0.45
    assert found.loc["a", "test_cost_at_99"] == 0.95
    assert np.isnan(found.loc["b", "test_cost_at_95"])
    # By budgets, which are costs on validation; what b's point costs on test does not matter.
    assert found.loc["b", "test_area"] == pytest.approx(0.7 * 0.5)
    # From the budgets 0.2 and 0.9 on, all regimes together have the scores of a.
    assert found.loc["b", "test_epsilon"] == pytest.approx(0.49)
    assert found.loc["a", "test_epsilon"] == pytest.approx(0)


def test_indices_on_test_take_no_envelope(tables):
    """The second point is chosen from a budget of 0.4 on, though it is worse on test."""
    frame = pd.DataFrame(
        {
            "regime": ["a", "a", "b"],
            "validation_cost": [0.2, 0.4, 0.6],
            "validation_accuracy": [0.8, 0.9, 0.95],
            "test_cost": [0.26, 0.45, 0.6],
            "test_accuracy": [0.99, 0.7, 0.9],
        }
    )
    found = regime_indices(tables.record, frame).set_index("regime")
    assert found.loc["a", "test_area"] == pytest.approx(0.2 * 0.99 + 0.6 * 0.7)
    floor = 1 / 3
    expected = 0.2 * (0.99 - floor) + 0.6 * (0.7 - floor)
    assert found.loc["a", "test_hypervolume"] == pytest.approx(expected)
    assert found.loc["a", "test_best_accuracy"] == found.loc["a", "test_accuracy_at_75"] == 0.7
    assert found.loc["a", "test_accuracy_at_25"] == 0.99
    assert found.loc["a", ["test_spent_at_25", "test_spent_at_50"]].tolist() == [0.26, 0.45]
    assert found.loc["b", ["test_accuracy_at_25", "test_spent_at_25"]].isna().all()
    assert np.isnan(found.loc["b", "validation_accuracy_at_50"])
    # All together reach the score 0.9 from 0.6 on: a's is 0.7 there.
    assert found.loc["a", "test_epsilon"] == pytest.approx(0.2)
