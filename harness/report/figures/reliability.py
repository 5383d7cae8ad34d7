"""Reliability diagrams: is an exit correct as often as it is confident? (Guo et al. 2017)."""

from typing import TYPE_CHECKING

import pandas as pd

from harness.report.figures.style import INK, exit_colours, inked, panel_grid

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

FEWEST_IN_BIN = 10
"""Samples of a bin from which it is drawn: the accuracy of fewer is too noisy."""


@inked()
def draw_reliability(data: pd.DataFrame) -> "Figure":
    """A panel per regime, a line per exit; bins of fewer than 10 samples are not drawn."""
    from matplotlib.figure import Figure

    regimes = sorted(data["regime"].unique())
    figure = Figure(layout="constrained")
    panels = panel_grid(figure, len(regimes))
    colours = exit_colours(int(data["exit"].max()))
    for panel, regime in zip(panels, regimes, strict=True):
        _draw_panel(panel, data[data["regime"] == regime], colours)
        panel.set_title(regime, fontsize=9)
    figure.supxlabel("confidence", fontsize=9)
    figure.supylabel("accuracy on test", fontsize=9)
    lines = [
        panels[0].plot([], [], color=colour, label=f"exit {exit_number}")[0]
        for exit_number, colour in enumerate(colours, 1)
    ]
    figure.legend(handles=lines, loc="outside upper center", ncols=len(lines), frameon=False)
    return figure


def _draw_panel(panel: "Axes", data: pd.DataFrame, colours: tuple[str, ...]) -> None:
    panel.plot([0, 1], [0, 1], "--", color=INK, linewidth=0.8, alpha=0.5)
    exits = data["exit"].nunique()
    for line, (exit_number, rows) in enumerate(data.groupby("exit")):
        colour, drawn = colours[int(str(exit_number)) - 1], rows[rows["samples"] >= FEWEST_IN_BIN]
        panel.plot(drawn["confidence"], drawn["accuracy"], color=colour, linewidth=1.5)
        text, height = f"ECE {rows['ece'].iloc[0]:.3f}", 0.05 + 0.1 * (exits - 1 - line)
        # The text is of the page's ink: no exit's colour is legible on white and on black.
        panel.text(0.98, height, text, fontsize=8, ha="right")
        panel.plot([0.5, 0.57], [height + 0.025] * 2, color=colour, linewidth=3)
    panel.set_xlim(0, 1)
    panel.set_ylim(0, 1.03)
