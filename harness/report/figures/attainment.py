"""All regimes in small panels, each over its seeds and against the baseline in grey."""

from dataclasses import replace
from typing import TYPE_CHECKING

import pandas as pd

from harness.frontier.staircase import FULL_COST
from harness.report.figures.style import Style, inked, styles
from harness.report.figures.surfaces import COST_TITLE, draw_median, draw_surface, score_range

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_COLUMNS, _WIDTH = 4, 7.0
"""Panels in a row, and inches: both columns of a paper."""
_BASELINE = Style("#A6A6A6", "solid", "o")
"""Paler than the static reference, which may stand before it."""


@inked()
def draw_attainment(
    data: pd.DataFrame,
    baseline: str,
    part: str = "test",
    measure: str = "accuracy",
    rests_on: str = "the seeds",
) -> "Figure":
    """A panel per regime: median as line, best to worst as band, the baseline's median in grey.

    With one seed the three surfaces are the same, which the title then says.

    Parameters
    ----------
    data
        As `harness.report.figures.surfaces.attainment_data` makes it.
    baseline
        The regime that all others are compared with.
    part
        `validation` or `test`.
    measure
        Name of the score, for the axis.
    rests_on
        Number and kind of the seeds in words.
    """
    from matplotlib.figure import Figure

    shown = data[data["part"] == part]
    regimes = list(shown["regime"].unique())
    drawn = styles(regimes, baseline)
    columns = min(_COLUMNS, len(regimes))
    rows = -(-len(regimes) // columns)
    figure = Figure(figsize=(_WIDTH, 1.4 * rows + 1), layout="constrained")
    panels = figure.subplots(rows, columns, sharex=True, sharey=True, squeeze=False).ravel()
    panels[0].set_xlim(0, 1.02 * FULL_COST)
    panels[0].set_ylim(*score_range(shown))
    grey = shown[shown["regime"] == baseline]
    for panel, regime in zip(panels, regimes, strict=False):
        if len(grey) and regime != baseline:
            draw_median(panel, grey, _BASELINE, 1.0)
        # Each panel shows one regime: a solid line is the clearest.
        draw_surface(
            panel, shown[shown["regime"] == regime], replace(drawn[regime], dash="solid"), 1.4
        )
        panel.set_title(regime, fontsize=8)
        panel.tick_params(labelsize=8)
        panel.grid(alpha=0.25)
    for panel in panels[max(0, len(regimes) - columns) : len(regimes)]:
        panel.tick_params(labelbottom=True)
    for panel in panels[len(regimes) :]:
        panel.remove()
    figure.suptitle(_title(shown, part, baseline, rests_on), fontsize=9)
    figure.supxlabel(COST_TITLE, fontsize=8)
    figure.supylabel(measure, fontsize=8)
    return figure


def _title(shown: pd.DataFrame, part: str, baseline: str, rests_on: str) -> str:
    if shown["seeds"].max() == 1:
        return f"attainment on {part}: {rests_on}, so that best, median and worst are one line"
    grey = f", {baseline}'s in grey" if baseline in set(shown["regime"]) else ""
    return f"attainment on {part}: median of {rests_on}{grey}; band from worst to best"
