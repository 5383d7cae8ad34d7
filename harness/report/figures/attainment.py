"""Attainment surfaces over seeds: best (some seed), median (half of them), worst (all)."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from harness.analysis.chosen_points import staircase_of
from harness.core.types import Staircase
from harness.frontier.staircase import FULL_COST
from harness.report.figures.pareto import COST_TITLE, score_range
from harness.report.figures.style import REFERENCE_COLOUR, inked, styles
from harness.statistics.attainment import attainment_surfaces

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_COLUMNS = 4
_STEPS = 120


def attainment_data(seeds: pd.DataFrame) -> pd.DataFrame:
    """Best, median and worst attainment surface of each regime: one row per corner.

    Parameters
    ----------
    seeds
        Each seed's frontier, as `harness.results.tables.read_seeds` gives it.

    Returns
    -------
    Columns regime, part (validation, test), level (best, median, worst), seeds (n), cost, score;
    by rising cost within a surface. After a corner a surface stays level until the next; on test,
    where a corner is the score of the points that validation chose for this budget, it may fall.
    """
    parts = [part for part in ("validation", "test") if f"{part}_cost" in seeds]
    surfaces = [
        surface
        for regime, rows in seeds.groupby("regime")
        for part in parts
        for surface in _surfaces(rows, str(regime), part)
    ]
    return pd.concat(surfaces, ignore_index=True)


@inked()
def draw_attainment(
    data: pd.DataFrame, baseline: str, part: str = "test", measure: str = "accuracy"
) -> "Figure":
    """A panel per regime: median as line, best to worst as band, the baseline's median in grey.

    With one seed the three surfaces are the same, which the title then says.

    Parameters
    ----------
    data
        As `attainment_data` makes it.
    baseline
        The regime that all others are compared with.
    part
        `validation` or `test`.
    measure
        Name of the score, for the axis.
    """
    from matplotlib.figure import Figure

    shown = data[data["part"] == part]
    regimes = list(shown["regime"].unique())
    drawn = styles(regimes)
    columns = min(_COLUMNS, len(regimes))
    rows = -(-len(regimes) // columns)
    figure = Figure(figsize=(2.4 * columns + 0.8, 2 * rows + 1), layout="constrained")
    panels = figure.subplots(rows, columns, sharex=True, sharey=True, squeeze=False).ravel()
    panels[0].set_xlim(0, 1.02 * FULL_COST)
    panels[0].set_ylim(*score_range(shown))
    grey = shown[(shown["regime"] == baseline) & (shown["level"] == "median")]
    for panel, regime in zip(panels, regimes, strict=False):
        if len(grey):
            _line(panel, grey, REFERENCE_COLOUR, 1.0)
        _band(panel, shown[shown["regime"] == regime], drawn[regime].colour)
        panel.set_title(regime, fontsize=9)
        panel.tick_params(labelsize=8)
        panel.grid(alpha=0.25)
    for panel in panels[max(0, len(regimes) - columns) : len(regimes)]:
        panel.tick_params(labelbottom=True)
    for panel in panels[len(regimes) :]:
        panel.remove()
    figure.suptitle(_title(shown, part, baseline), fontsize=9)
    figure.supxlabel(COST_TITLE, fontsize=9)
    figure.supylabel(measure, fontsize=9)
    return figure


def _surfaces(rows: pd.DataFrame, regime: str, part: str) -> Iterator[pd.DataFrame]:
    names = {"regime": regime, "part": part, "seeds": rows["seed"].nunique()}
    staircases = [staircase_of(own, part) for _, own in rows.groupby("seed")]
    for level, surface in attainment_surfaces(staircases).items():
        corners = {"cost": surface.budget, "score": surface.score}
        yield pd.DataFrame({**names, "level": level, **corners})


def _band(panel: "Axes", rows: pd.DataFrame, colour: str) -> None:
    """Best to worst, where nothing is attained down to the edge of the picture; median as line."""
    levels = {str(level): corners for level, corners in rows.groupby("level")}
    costs = np.unique(np.append(rows["cost"], FULL_COST))
    # Corners closer than the eye can distinguish would only make the file large.
    budgets = costs[np.unique(np.searchsorted(costs, np.linspace(costs[0], costs[-1], _STEPS)))]
    ends = [
        Staircase(corners["cost"].to_numpy(), corners["score"].to_numpy()).at(budgets)
        for corners in (levels["worst"], levels["best"])
    ]
    low, high = np.maximum(ends, panel.get_ylim()[0])
    panel.fill_between(budgets, low, high, step="post", color=colour, alpha=0.25, linewidth=0)
    _line(panel, levels["median"], colour, 1.6)


def _line(panel: "Axes", corners: pd.DataFrame, colour: str, width: float) -> None:
    cost, score = (corners[name].to_numpy() for name in ("cost", "score"))
    cost, score = np.append(cost, max(FULL_COST, cost[-1])), np.append(score, score[-1])
    panel.plot(cost, score, drawstyle="steps-post", color=colour, linewidth=width)


def _title(shown: pd.DataFrame, part: str, baseline: str) -> str:
    seeds = int(shown["seeds"].max())
    if seeds == 1:
        return f"attainment on {part}: n = 1 seed, so that best, median and worst are one line"
    grey = f", {baseline}'s in grey" if baseline in set(shown["regime"]) else ""
    return f"attainment on {part}: median of {seeds} seeds{grey}; band from worst to best"
