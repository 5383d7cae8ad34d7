"""The picture of the leading frontiers, in the width of a column."""

import numpy as np
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from harness.report.figures.leading import MOST_LINES, leading, leading_over_studies
from harness.report.figures.pareto import COLUMN, draw_pareto, spread
from harness.report.figures.style import STATIC_REFERENCE, styles
from harness.report.figures.surfaces import attainment_data

NAMES = ("joint", "gradient_equilibrium", "single_exit", "hard_cgt", "mixed", "meta_weighted")
STYLES = styles(NAMES, "joint")


def surfaces():
    rows = [
        (name, seed, cost, 0.5 + 0.3 * cost + 0.01 * seed + 0.001 * place)
        for place, name in enumerate(NAMES)
        for seed in range(3)
        for cost in (0.2, 0.5, 0.9)
    ]
    frame = pd.DataFrame(rows, columns=["regime", "seed", "test_cost", "test_accuracy"])
    frame = frame.assign(validation_cost=frame["test_cost"])
    return attainment_data(frame.assign(validation_accuracy=frame["test_accuracy"]))


def test_lines_are_named_inside_the_picture_and_apart():
    figure = draw_pareto(surfaces(), STYLES, "joint", "accuracy", "title")
    assert figure.get_figwidth() == COLUMN
    figure.draw_without_rendering()
    (panel,) = figure.axes
    assert sorted(t.get_text().replace("\n", "") for t in panel.texts) == sorted(NAMES)
    boxes = [text.get_window_extent() for text in panel.texts]
    for index, box in enumerate(boxes):
        assert figure.bbox.x0 <= box.x0
        assert box.x1 <= figure.bbox.x1
        assert not any(box.overlaps(other) for other in boxes[index + 1 :])
    assert all(text.get_fontsize() >= 7.5 for text in panel.texts)


def test_no_two_lines_look_alike_and_each_has_a_band():
    (panel,) = draw_pareto(surfaces(), STYLES, "joint", "R²", "").axes
    drawn = {(line.get_color(), line.get_linestyle()) for line in panel.get_lines()}
    assert len(drawn) == len(NAMES)
    assert len(panel.collections) == len(NAMES)
    assert panel.get_ylabel() == "R² on test"


def test_before_the_test_it_shows_validation():
    data = surfaces()
    validation = data[data["part"] == "validation"]
    figure = draw_pareto(validation, styles(NAMES[:2], "joint"), "joint", "accuracy", "")
    assert figure.axes[0].get_ylabel() == "accuracy on validation"


def test_a_picture_shows_baseline_static_reference_and_the_best_others():
    areas = pd.Series({f"regime_{i}": 0.5 + 0.01 * i for i in range(9)})
    areas["joint"], areas["single_exit"] = 0.1, 0.2
    found = leading(areas, "joint")
    assert found == ("joint", "single_exit", "regime_8", "regime_7", "regime_6", "regime_5")
    assert len(found) == MOST_LINES
    assert leading(areas.drop("single_exit"), "joint")[-1] == "regime_4"


def test_pictures_of_several_studies_show_the_same_regimes_shared_ones_first():
    ranks = pd.Series({f"regime_{i}": 9.0 - i for i in range(8)})
    ranks = pd.concat([pd.Series({"rare": np.nan, "own": np.nan}), ranks])
    ranks["joint"], ranks[STATIC_REFERENCE] = 11.0, 12.0
    found = leading_over_studies(ranks, ["joint", "own"])
    assert found == ("joint", "own", STATIC_REFERENCE, "regime_7", "regime_6", "regime_5")
    few = ranks[["rare", "regime_0", "joint"]]
    assert leading_over_studies(few, ["joint"]) == ("joint", "regime_0", "rare")
    many = [f"regime_{i}" for i in range(8)]
    assert leading_over_studies(ranks, many) == (*many, STATIC_REFERENCE)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=8), st.floats(0.001, 0.3))
def test_spread_keeps_order_and_distance_and_moves_nothing_that_is_apart(values, least):
    heights = np.sort(np.array(values))
    found = spread(heights, least)
    assert (np.diff(found) >= least - 1e-9).all()
    assert np.isclose(found.mean(), heights.mean())
    if (np.diff(heights) >= least).all():
        assert np.allclose(found, heights)
