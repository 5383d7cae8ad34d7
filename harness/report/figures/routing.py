"""Routing: the share of samples that leaves at each exit, and their accuracy there."""

from typing import TYPE_CHECKING

import pandas as pd

from harness.report.figures.style import INK, exit_colours, inked, on

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_SMALLEST = 0.08
"""Share of the samples from which a bar is labelled with it."""


@inked()
def draw_routing(data: pd.DataFrame, measure: str) -> "Figure":
    """Shares as stacked bars, those that leave early most on top; beside them the accuracy.

    A dot is the larger, the more samples leave there.

    Parameters
    ----------
    measure
        Name of the score, for the axis.
    """
    from matplotlib.figure import Figure

    shares = data.pivot_table(index="regime", columns="exit", values="share")
    shares = shares.sort_values(by=shares.columns[0])
    # Not a pivot table: exits that no sample takes keep their column.
    accuracy = {
        number: rows.set_index("regime")["accuracy"] for number, rows in data.groupby("exit")
    }
    figure = Figure(figsize=(9.5, 1.2 + 0.28 * len(shares)), layout="constrained")
    bars, dots = figure.subplots(1, 2, sharey=True, width_ratios=[3, 2])
    colours = exit_colours(len(shares.columns))
    _draw_bars(bars, shares, colours)
    heights = range(len(shares))
    for exit_number, colour in zip(shares.columns, colours, strict=True):
        area = 12 + 60 * shares[exit_number]
        label = f"leaving at exit {exit_number}"
        found = accuracy[exit_number].loc[shares.index]
        dots.scatter(found, heights, s=area, color=colour, linewidths=0)
        dots.plot([], [], "o", color=colour, label=label)
    overall = data.groupby("regime")["overall"].first().loc[shares.index]
    dots.plot(overall, heights, "|", color=INK, markersize=11, label="all samples")
    dots.set_ylim(-0.6, len(shares) - 0.4)
    dots.set_xlabel(f"{measure} on test")
    dots.grid(axis="x", alpha=0.25)
    handles, labels = dots.get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside upper center", ncols=len(labels), frameon=False)
    return figure


def _draw_bars(panel: "Axes", shares: pd.DataFrame, colours: tuple[str, ...]) -> None:
    start = pd.Series(0.0, index=shares.index)
    for exit_number, colour in zip(shares.columns, colours, strict=True):
        width = shares[exit_number]
        panel.barh(shares.index, width, left=start, color=colour, height=0.75)
        for height, share in enumerate(width):
            if share >= _SMALLEST:
                middle, text = start.iloc[height] + share / 2, f"{share:.0%}"
                panel.text(
                    middle, height, text, ha="center", va="center", fontsize=8, color=on(colour)
                )
        start += width
    panel.set_xlim(0, 1)
    panel.set_xlabel("share of the test samples")
