"""Pareto frontiers of accuracy against cost: their points as data, and the picture for papers."""

import textwrap
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from harness.core.files import atomic_file
from harness.core.types import Floats
from harness.frontier.staircase import FULL_COST
from harness.report.figures.files import DPI
from harness.report.figures.style import Style, inked
from harness.report.figures.surfaces import DASHES, draw_surface, line_of, score_range
from harness.results.tables import score_column

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

COLUMN = 3.35
"""Inches: a column of a paper."""
_SMALL = 7.5
_LABEL_HEIGHT = 0.09
"""Of the panel, from one label to the next."""
_NAME = 13
"""Characters of a label's line."""


def pareto_data(frame: pd.DataFrame) -> pd.DataFrame:
    """Long form of the regimes' frontiers: one row per point and part (validation, test).

    Parameters
    ----------
    frame
        As `harness.analysis.frontiers` makes it; test columns may be missing.

    Returns
    -------
    Columns regime, part, cost (the budget that the point was chosen for, which is its cost on
    validation), score, key, configuration, seed, thresholds and routing (the share that leaves at
    each exit; both as text), spent (its cost on the part); rmse of a regression, whose score is
    R^2. By rising cost, the rows of a regime and part are the steps of its staircase.
    """
    thresholds = thresholds_in_words(frame)
    common = frame[["regime", "key", "configuration", "seed"]].assign(thresholds=thresholds)
    errors = ["rmse"] if "validation_rmse" in frame else []
    parts = [
        common.assign(
            part=part,
            routing=_joined(frame.filter(like=f"{part}_share_exit_"), " / ", "{:.1%}".format),
            cost=frame["validation_cost"],
            spent=frame[f"{part}_cost"],
            score=frame[score_column(frame, part)],
            **{name: frame[f"{part}_{name}"] for name in errors},
        )
        for part in ("validation", "test")
        if f"{part}_cost" in frame
    ]
    return pd.concat(parts, ignore_index=True)


def thresholds_in_words(frame: pd.DataFrame) -> pd.Series:
    """The exit thresholds of each point of some frontiers."""
    thresholds = _joined(
        frame.filter(regex="^threshold_"),
        ", ",
        lambda value: f"{value:.3f}" if np.isfinite(value) else "never",
    )
    return thresholds.where(frame["static_exit"] == 0, "static network")


def _joined(columns: pd.DataFrame, between: str, said: Callable[[float], str]) -> pd.Series:
    """The numbers of each row as one text; row by row in pandas it takes seconds."""
    texts = [between.join(map(said, row)) for row in columns.to_numpy(dtype=float)]
    return pd.Series(texts, index=columns.index, dtype="str")


def measure(data: pd.DataFrame) -> str:
    """Name of the score in `pareto_data`, for axes and captions."""
    return "R²" if "rmse" in data else "accuracy"


@inked()
def draw_pareto(
    surfaces: pd.DataFrame, drawn: Mapping[str, Style], baseline: str, measure: str, title: str
) -> "Figure":
    """A few frontiers in the width of a column: medians over seeds with bands, on test.

    Lines differ in colour and dash, and are named at their ends. Without a test part they are those
    on validation.

    Parameters
    ----------
    surfaces
        As `harness.report.figures.surfaces.attainment_data` makes it.
    drawn
        Which of them to draw, and how.
    """
    from matplotlib.figure import Figure
    from matplotlib.layout_engine import ConstrainedLayoutEngine

    part = "test" if "test" in set(surfaces["part"]) else "validation"
    data = surfaces[(surfaces["part"] == part) & surfaces["regime"].isin(drawn)]
    # The names are outside the panel, which the layout only nearly allows for.
    layout = ConstrainedLayoutEngine(rect=(0, 0, 0.97, 1))
    figure = Figure(figsize=(COLUMN, 3.0), layout=layout)
    panel = figure.subplots()
    panel.set_xlim(0, 1.02 * FULL_COST)
    panel.set_ylim(*score_range(data))
    for regime, style in drawn.items():
        width = 1.8 if regime == baseline else 1.2
        draw_surface(panel, data[data["regime"] == regime], style, width)
    _name_lines(panel, data, drawn)
    panel.grid(alpha=0.25)
    panel.tick_params(labelsize=8)
    panel.set_xlabel("cost budget: MACs relative to\nthe full static network", fontsize=8)
    panel.set_ylabel(f"{measure} on {part}", fontsize=8)
    figure.suptitle(title, fontsize=8, fontweight="bold")
    return figure


def save_png(figure: "Figure", path: Path) -> None:
    """Write a picture on white, atomically."""
    with atomic_file(path) as temporary:
        figure.savefig(temporary, dpi=DPI, facecolor="white")


def _name_lines(panel: "Axes", data: pd.DataFrame, drawn: Mapping[str, Style]) -> None:
    """Each line's name beside its end, led to by a piece of the line."""
    medians = data[data["level"] == "median"]
    low, high = panel.get_ylim()
    ends = {
        str(regime): min(float((line_of(rows)[1][-1] - low) / (high - low)), 1.0)
        for regime, rows in medians.groupby("regime")
    }
    names = sorted(ends, key=ends.__getitem__)
    heights = spread(np.array([ends[name] for name in names]), _LABEL_HEIGHT)
    heights -= max(0.0, float(heights[-1]) - 1)
    for name, height in zip(names, heights, strict=True):
        style = drawn[name]
        panel.plot(
            [1.0, 1.04, 1.15], [ends[name], height, height], transform=panel.transAxes,
            color=style.colour, linestyle=DASHES[style.dash], linewidth=1.2, clip_on=False,
        )  # fmt: skip
        words = "\n".join(textwrap.wrap(name.replace("_", "_ "), _NAME)).replace("_ ", "_")
        panel.text(
            1.17,
            height,
            words,
            transform=panel.transAxes,
            fontsize=_SMALL,
            va="center",
            linespacing=0.9,
        )


def spread(heights: Floats, least: float) -> Floats:
    """Heights [L] in rising order moved apart to at least so much, about where they were.

    Examples
    --------
    >>> spread(np.array([0.0, 0.5, 0.5]), 0.25).tolist()
    [0.0, 0.375, 0.625]
    """
    steps = least * np.arange(len(heights))
    groups = [[height] for height in heights - steps]
    # Labels that touch move as one, by their mean: the nearest that keeps the order (isotonic).
    merged: list[list[float]] = []
    for group in groups:
        merged.append(group)
        while len(merged) > 1 and np.mean(merged[-2]) > np.mean(merged[-1]):
            last = merged.pop()
            merged[-1] = [*merged[-1], *last]
    found: Floats = np.concatenate([np.full(len(g), np.mean(g)) for g in merged]) + steps
    return found
