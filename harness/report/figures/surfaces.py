"""Attainment surfaces over seeds, data of figures: best (some seed), median (half), worst (all)."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from harness.analysis.chosen_points import staircase_of
from harness.core.types import Floats, Staircase
from harness.frontier.staircase import FULL_COST
from harness.report.figures.style import Dash, Style
from harness.statistics.attainment import attainment_surfaces

if TYPE_CHECKING:
    from matplotlib.axes import Axes

COST_TITLE = "cost budget (mean MACs on validation, relative to the full static network)"
DASHES: Mapping[Dash, str | tuple[int, tuple[int, int]]] = {
    "solid": "-",
    "dash": "--",
    "dot": ":",
    "dashdot": "-.",
    "longdash": (0, (8, 3)),
}
"""matplotlib's names of the dashes."""
_STEPS = 120
"""Steps of a band that the eye can distinguish; more would only make the file large."""


def attainment_data(seeds: pd.DataFrame) -> pd.DataFrame:
    """Best, median and worst attainment surface of each regime: one row per corner.

    Parameters
    ----------
    seeds
        Each seed's frontier, as `harness.analysis.pairs.SeedTables` holds it.

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


def line_of(corners: pd.DataFrame) -> tuple[Floats, Floats]:
    """Cost and score [C] of a surface's corners, drawn on to full cost."""
    cost, score = (corners[name].to_numpy(dtype=np.float64) for name in ("cost", "score"))
    return np.append(cost, max(FULL_COST, cost[-1])), np.append(score, score[-1])


def band_of(rows: pd.DataFrame, floor: float) -> tuple[Floats, Floats, Floats]:
    """Budgets [B], and from what all seeds attain there to what one does: [B], [B].

    Parameters
    ----------
    rows
        The surfaces of one regime and part.
    floor
        Where the band ends at budgets at which some seed attains nothing.
    """
    levels = {str(level): corners for level, corners in rows.groupby("level")}
    costs = np.unique(np.append(rows["cost"], FULL_COST))
    budgets = costs[np.unique(np.searchsorted(costs, np.linspace(costs[0], costs[-1], _STEPS)))]
    ends = [
        Staircase(corners["cost"].to_numpy(), corners["score"].to_numpy()).at(budgets)
        for corners in (levels["worst"], levels["best"])
    ]
    low, high = np.maximum(ends, floor)
    return budgets, low, high


def draw_surface(panel: "Axes", rows: pd.DataFrame, style: Style, width: float) -> None:
    """The median of one regime and part as a line, and best to worst as a band."""
    budgets, low, high = band_of(rows, panel.get_ylim()[0])
    panel.fill_between(budgets, low, high, step="post", color=style.colour, alpha=0.15, linewidth=0)
    draw_median(panel, rows, style, width)


def draw_median(panel: "Axes", rows: pd.DataFrame, style: Style, width: float) -> None:
    """The median of one regime and part."""
    panel.plot(
        *line_of(rows[rows["level"] == "median"]),
        drawstyle="steps-post",
        color=style.colour,
        linestyle=DASHES[style.dash],
        linewidth=width,
    )


def score_range(data: pd.DataFrame) -> tuple[float, float]:
    """Range of the score axis: the cheapest, least accurate points may lie below it."""
    low, high = data["score"].quantile(0.08), data["score"].max()
    margin = 0.06 * max(high - low, 0.01)
    return float(low - margin), float(high + margin)


def _surfaces(rows: pd.DataFrame, regime: str, part: str) -> Iterator[pd.DataFrame]:
    names = {"regime": regime, "part": part, "seeds": rows["seed"].nunique()}
    staircases = [staircase_of(own, part) for _, own in rows.groupby("seed")]
    for level, surface in attainment_surfaces(staircases).items():
        corners = {"cost": surface.budget, "score": surface.score}
        yield pd.DataFrame({**names, "level": level, **corners})
