"""The figure of attainment surfaces."""

import numpy as np
import pandas as pd
import pytest

from harness.report.figures.attainment import attainment_data, draw_attainment
from harness.report.figures.style import INK


@pytest.fixture
def seeds():
    """Seed 1 of `joint` is better than seed 0 and seed 2 better still; `other` has one seed."""
    rows = [
        ("joint", seed, 0.2 + 0.2 * i, 0.5 + 0.1 * i + 0.05 * seed)
        for seed in range(3)
        for i in range(3)
    ]
    rows += [("other", 0, 0.3, 0.9)]
    frame = pd.DataFrame(rows, columns=["regime", "seed", "test_cost", "test_accuracy"])
    return frame.assign(
        validation_cost=frame["test_cost"], validation_accuracy=frame["test_accuracy"] - 0.1
    )


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


def test_a_panel_per_regime_with_the_baseline_in_grey(seeds):
    figure = draw_attainment(attainment_data(seeds), "joint", measure="R²")
    assert [panel.get_title() for panel in figure.axes] == ["joint", "other"]
    _, other = figure.axes
    grey, own = other.get_lines()
    assert grey.get_ydata().tolist() == pytest.approx([0.55, 0.65, 0.75, 0.75])
    assert own.get_xdata().tolist() == [0.3, 1.0]
    band = figure.axes[0].collections[0].get_paths()[0].vertices
    assert band[:, 1].max() == pytest.approx(0.8)
    assert "median of 3 seeds" in figure.get_suptitle()
    assert "joint's in grey" in figure.get_suptitle()
    assert figure.get_supylabel() == "R²"
    assert figure.axes[0].title.get_color() == INK


def test_the_baseline_in_grey_is_the_one_named(seeds):
    data = attainment_data(seeds)
    joint, other = draw_attainment(data, "other").axes
    assert joint.get_lines()[0].get_ydata().tolist() == pytest.approx([0.9, 0.9])
    assert other.get_lines()[0].get_ydata().tolist() == pytest.approx([0.9, 0.9])
    assert "other's in grey" in draw_attainment(data, "other").get_suptitle()
    assert len(draw_attainment(data, "absent").axes[0].get_lines()) == 1


def test_one_seed_is_said_to_be_one(seeds):
    figure = draw_attainment(attainment_data(seeds[seeds["seed"] == 0]), "joint")
    assert "n = 1 seed" in figure.get_suptitle()
    assert np.isclose(figure.axes[1].get_lines()[1].get_ydata(), 0.9).all()
