"""The figure of a panel per regime."""

import numpy as np

from harness.report.figures.attainment import draw_attainment
from harness.report.figures.style import BASELINE_STYLE, INK
from harness.report.figures.surfaces import attainment_data


def test_a_panel_per_regime_with_the_baseline_in_grey(seeds):
    data = attainment_data(seeds)
    figure = draw_attainment(data, "joint", measure="R²", rests_on="n = 3 searched seeds")
    assert [panel.get_title() for panel in figure.axes] == ["joint", "other"]
    _, other = figure.axes
    grey, own = other.get_lines()
    assert np.allclose(grey.get_ydata(), [0.55, 0.65, 0.75, 0.75])
    assert own.get_xdata().tolist() == [0.3, 1.0]
    band = figure.axes[0].collections[0].get_paths()[0].vertices
    assert np.isclose(band[:, 1].max(), 0.8)
    assert "median of n = 3 searched seeds" in figure.get_suptitle()
    assert figure.get_figwidth() <= 7
    assert "joint's in grey" in figure.get_suptitle()
    assert figure.get_supylabel() == "R²"
    assert figure.axes[0].title.get_color() == INK


def test_the_baseline_in_grey_is_the_one_named(seeds):
    data = attainment_data(seeds)
    joint, other = draw_attainment(data, "other").axes
    assert joint.get_lines()[0].get_ydata().tolist() == [0.9, 0.9]
    (own,) = other.get_lines()
    assert own.get_color() == BASELINE_STYLE.colour
    assert "other's in grey" in draw_attainment(data, "other").get_suptitle()
    assert len(draw_attainment(data, "absent").axes[0].get_lines()) == 1


def test_one_seed_is_said_to_be_one(seeds):
    one = attainment_data(seeds[seeds["seed"] == 0])
    figure = draw_attainment(one, "joint", rests_on="n = 1 searched seed")
    assert figure.get_suptitle().endswith(
        "n = 1 searched seed, so that best, median and worst are one line"
    )
    fresh = draw_attainment(attainment_data(seeds), "joint", rests_on="n = 3 fresh seeds")
    assert "median of n = 3 fresh seeds, joint's in grey" in fresh.get_suptitle()
    assert np.isclose(figure.axes[1].get_lines()[1].get_ydata(), 0.9).all()
