"""Attainment surfaces as data of figures."""

import numpy as np
import pytest

from harness.report.figures.surfaces import attainment_data, band_of, line_of


def test_levels_are_the_seeds_in_order(seeds):
    data = attainment_data(seeds)
    assert set(data["part"]) == {"validation", "test"}
    shown = data[(data["part"] == "test") & (data["regime"] == "joint")]
    for level, seed in (("worst", 0), ("median", 1), ("best", 2)):
        corners = shown[shown["level"] == level]
        assert corners["cost"].tolist() == pytest.approx([0.2, 0.4, 0.6])
        assert corners["score"].tolist() == pytest.approx(
            [0.5 + 0.05 * seed + x for x in (0, 0.1, 0.2)]
        )
    assert dict(zip(data["regime"], data["seeds"], strict=True)) == {"joint": 3, "other": 1}


def test_on_test_a_surface_may_fall_as_nothing_is_chosen_there(seeds):
    """The last point of seed 0 is the best on validation and worse on test."""
    seeds.loc[2, "test_accuracy"] = 0.55
    data = attainment_data(seeds[(seeds["seed"] == 0) & (seeds["regime"] == "joint")])
    for part, scores in (("validation", [0.4, 0.5, 0.6]), ("test", [0.5, 0.6, 0.55])):
        shown = data[(data["part"] == part) & (data["level"] == "median")]
        assert shown["score"].tolist() == pytest.approx(scores)


def test_validation_alone_has_no_test_part(seeds):
    data = attainment_data(seeds.drop(columns=["test_cost", "test_accuracy"]))
    assert set(data["part"]) == {"validation"}


def test_a_band_reaches_from_what_all_attain_to_what_one_does(seeds):
    data = attainment_data(seeds)
    rows = data[(data["part"] == "test") & (data["regime"] == "joint")]
    budgets, low, high = band_of(rows, 0.0)
    assert budgets.tolist() == pytest.approx([0.2, 0.4, 0.6, 1.0])
    assert low.tolist() == pytest.approx([0.5, 0.6, 0.7, 0.7])
    assert high.tolist() == pytest.approx([0.6, 0.7, 0.8, 0.8])


def test_where_some_seed_attains_nothing_a_band_ends_at_its_floor(seeds):
    seeds.loc[(seeds["seed"] == 2) & (seeds["regime"] == "joint"), "validation_cost"] += 0.1
    data = attainment_data(seeds)
    rows = data[(data["part"] == "test") & (data["regime"] == "joint")]
    budgets, low, high = band_of(rows, 0.25)
    assert (budgets[0], low[0], high[0]) == pytest.approx((0.2, 0.25, 0.55))
    assert np.isfinite(low).all()


def test_a_line_goes_on_to_full_cost(seeds):
    data = attainment_data(seeds)
    median = data[(data["level"] == "median") & (data["regime"] == "other")]
    cost, score = line_of(median[median["part"] == "test"])
    assert cost.tolist() == [0.3, 1.0]
    assert score.tolist() == [0.9, 0.9]
