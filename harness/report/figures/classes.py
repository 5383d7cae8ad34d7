"""Accuracy and mean exit of each class under each regime, as heat maps."""

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from harness.report.figures.style import inked, on

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_NUMBERS = 400
"""Cells of a heat map up to which numbers are written in; more would not be legible."""


def classes_data(table: pd.DataFrame) -> pd.DataFrame:
    """One row per class of the test part and regime: class, samples, regime, accuracy, mean_exit.

    Parameters
    ----------
    table
        As `harness.analysis.operating_points.class_tables` makes it, classes in their own order.
    """
    columns = ["class", "samples", "regime", "accuracy", "mean_exit"]
    return table.loc[table["samples"] > 0, columns].assign(**{"class": table["class"].astype(str)})


@inked()
def draw_classes(data: pd.DataFrame) -> "Figure":
    """Classes down, with their number of test samples; regimes across."""
    from matplotlib.figure import Figure

    order = data.drop_duplicates("class")
    regimes = sorted(data["regime"].unique())
    size = (2 * (0.36 * len(regimes)) + 4.2, 0.26 * len(order) + 2.4)
    figure = Figure(figsize=size, layout="constrained")
    panels = figure.subplots(1, 2, sharey=True)
    maps = {
        "accuracy": ("accuracy on test", "viridis", 2),
        "mean_exit": ("mean exit taken", "plasma_r", 2),
    }
    for panel, (name, (title, colours, digits)) in zip(panels, maps.items(), strict=True):
        table = data.pivot_table(index="class", columns="regime", values=name)
        _draw_map(panel, table.loc[order["class"], regimes], colours, digits)
        panel.set_title(title, fontsize=10)
    labels = [
        f"{name} ({count:.0f})"
        for name, count in zip(order["class"], order["samples"], strict=True)
    ]
    panels[0].set_yticks(range(len(order)), labels, fontsize=8)
    return figure


def _draw_map(panel: "Axes", table: pd.DataFrame, colours: str, digits: int) -> None:
    from matplotlib import colors

    values = table.to_numpy()
    image = panel.imshow(values, cmap=colours, aspect="auto", interpolation="none")
    panel.set_xticks(range(len(table.columns)), table.columns, rotation=90, fontsize=8)
    panel.tick_params(length=0)
    panel.spines[:].set_visible(False)
    if values.size > _NUMBERS:
        return
    for row, column in np.argwhere(np.isfinite(values)):
        text = f"{values[row, column]:.{digits}f}".removeprefix("0")
        red, green, blue, _ = image.to_rgba(values[row, column])
        colour = on(colors.to_hex((red, green, blue)))
        panel.text(column, row, text, ha="center", va="center", fontsize=7, color=colour)
