"""Gate activity over training: mean loss weight of each exit, epoch by epoch."""

from typing import TYPE_CHECKING

import pandas as pd

from harness.report.figures.style import exit_colours, inked, panel_grid

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


@inked()
def draw_gates(data: pd.DataFrame) -> "Figure":
    """A panel per regime: the mean of its trials as a line per exit, the middle 80 % as a band."""
    from matplotlib.figure import Figure

    regimes = sorted(data["regime"].unique())
    figure = Figure(layout="constrained")
    panels = panel_grid(figure, len(regimes), shared_y=False)
    colours = exit_colours(int(data["exit"].max()))
    for panel, regime in zip(panels, regimes, strict=True):
        rows = data[data["regime"] == regime]
        _draw_panel(panel, rows, colours)
        panel.set_title(f"{regime} ({rows['trials'].max()} trials)", fontsize=9)
    figure.supxlabel("epoch", fontsize=9)
    figure.supylabel("mean loss weight", fontsize=9)
    handles, labels = panels[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside upper center", ncols=len(labels), frameon=False)
    return figure


def _draw_panel(panel: "Axes", data: pd.DataFrame, colours: tuple[str, ...]) -> None:
    for exit_number, line in data.groupby("exit"):
        index = int(str(exit_number)) - 1
        colour, label = colours[index], f"exit {exit_number}"
        # Exits often have the same weight: the earlier one's line is wide enough to be seen below.
        width = 1.2 * (len(colours) - index)
        panel.plot(line["epoch"], line["mean"], color=colour, label=label, linewidth=width)
        panel.fill_between(
            line["epoch"], line["low"], line["high"], color=colour, alpha=0.2, linewidth=0
        )
    panel.set_ylim(bottom=0)
