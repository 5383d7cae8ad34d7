"""Figures of routing, reliability and classes at chosen points, with known results."""

import numpy as np
import pandas as pd
import pytest

from harness.analysis.exits import reliability_data, routing_data
from harness.report.figures.classes import classes_data, draw_classes
from harness.report.figures.reliability import draw_reliability
from harness.report.figures.routing import draw_routing


def samples(regime, exits, correct, confidence):
    """Samples of a network with two exits, with the given confidence at the first exit."""
    correct = np.array(correct)
    return pd.DataFrame(
        {
            "regime": regime,
            "sample": range(len(exits)),
            "exit": exits,
            "correct": correct,
            "confidence_1": np.array(confidence, dtype=np.float32),
            "correct_1": correct,
            "confidence_2": np.float32(1),
            "correct_2": correct,
        }
    )


TABLE = pd.concat(
    [
        samples("a", [1, 1, 1, 2], [True, True, False, False], [0.95, 0.94, 0.3, 0.31]),
        samples("b", [1, 1, 1, 1], [True, True, True, False], [1.0, 1.0, 1.0, 0.0]),
    ]
)


def test_routing_counts_who_leaves_where_and_how_right_they_are():
    data = routing_data(TABLE).set_index(["regime", "exit"])
    assert data["share"].to_dict() == {
        ("a", 1): 0.75, ("a", 2): 0.25, ("b", 1): 1.0, ("b", 2): 0.0,
    }  # fmt: skip
    assert data.loc[("a", 1), "accuracy"] == pytest.approx(2 / 3)
    assert data.loc[("a", 2), "accuracy"] == 0
    assert np.isnan(data.loc[("b", 2), "accuracy"])
    assert data.loc["a", "overall"].tolist() == [0.5, 0.5]


def test_routing_of_a_regression_tells_the_mean_score():
    table = TABLE.drop(columns=["correct", "correct_1", "correct_2"]).assign(score=0.25)
    data = routing_data(table)
    assert data["accuracy"].dropna().eq(0.25).all()
    assert draw_routing(data, "R²").axes[1].get_xlabel() == "R² on test"


def test_routing_is_drawn_from_the_earliest_leaver_downwards():
    figure = draw_routing(routing_data(TABLE), "accuracy")
    bars, dots = figure.axes
    assert [label.get_text() for label in bars.get_yticklabels()] == ["a", "b"]
    assert [bar.get_width() for bar in bars.patches] == [0.75, 1.0, 0.25, 0.0]
    assert {text.get_text() for text in bars.texts} == {"75%", "25%", "100%"}
    assert dots.get_xlabel() == "accuracy on test"
    legend = [text.get_text() for text in figure.legends[0].get_texts()]
    assert legend == ["leaving at exit 1", "leaving at exit 2", "all samples"]


def test_calibration_error_by_hand():
    data = reliability_data(TABLE).set_index(["regime", "exit", "bin"])
    first = data.loc[("a", 1)]
    assert first.index.tolist() == [4, 14]
    assert first["samples"].tolist() == [2, 2]
    assert first["confidence"].tolist() == pytest.approx([0.305, 0.945])
    assert first["accuracy"].tolist() == [0, 1]
    assert first["ece"].tolist() == pytest.approx([(0.305 + 0.055) / 2] * 2)
    assert data.loc[("b", 1, 14), "ece"] == 0
    assert data.loc[("a", 2, 14), "ece"] == pytest.approx(0.5)


def test_exits_that_a_static_network_lacks_have_no_reliability():
    table = TABLE.assign(confidence_2=np.float32("nan"))
    assert set(reliability_data(table)["exit"]) == {1}
    assert reliability_data(TABLE.drop(columns=["correct"])).empty


def test_reliability_is_drawn_where_bins_hold_enough_samples():
    many = pd.concat([TABLE[TABLE["regime"] == "b"]] * 4 + [TABLE[TABLE["regime"] == "a"]])
    figure = draw_reliability(reliability_data(many))
    assert [panel.get_title() for panel in figure.axes] == ["a", "b"]
    _, few, *_ = figure.axes[0].lines
    _, enough, *_ = figure.axes[1].lines
    assert len(few.get_xdata()) == 0
    assert enough.get_ydata().tolist() == [1]
    assert [text.get_text() for text in figure.axes[1].texts] == ["ECE 0.000", "ECE 0.250"]
    assert figure.axes[0].get_shared_x_axes().joined(*figure.axes)


def test_classes_without_test_samples_are_left_out_of_the_map():
    table = pd.DataFrame(
        {
            "regime": ["a"] * 3 + ["b"] * 3,
            "class": ["x", "w", "none"] * 2,
            "samples": [5, 3, 0] * 2,
            "accuracy": [0.5, 0.0, np.nan, 1.0, 0.25, np.nan],
            "mean_exit": [1.0, 1.5, np.nan, 2.0, 1.0, np.nan],
        }
    )
    data = classes_data(table)
    figure = draw_classes(data)
    accuracy, depth = figure.axes
    assert [label.get_text() for label in accuracy.get_yticklabels()] == ["x (5)", "w (3)"]
    assert accuracy.images[0].get_array().tolist() == [[0.5, 1.0], [0.0, 0.25]]
    assert depth.images[0].get_array().tolist() == [[1.0, 2.0], [1.5, 1.0]]
    assert [text.get_text() for text in accuracy.texts] == [".50", "1.00", ".00", ".25"]
