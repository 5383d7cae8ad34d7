"""Reliability diagrams: is an exit correct as often as it is confident? (Guo et al. 2017)."""

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from harness.metrics.network import CALIBRATION_BINS
from harness.report.figures.style import INK, exit_colours, inked, panel_grid

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

FEWEST_IN_BIN = 10
"""Samples of a bin from which it is drawn: the accuracy of fewer is too noisy."""


def reliability_data(samples: pd.DataFrame) -> pd.DataFrame | None:
    """Accuracy against confidence of each exit on all test samples, in 15 equal bins.

    Parameters
    ----------
    samples
        As `harness.analysis.operating_points.sample_table` makes it, with the confidence of
        the study's policy.

    Returns
    -------
    One row per regime, exit and bin that holds samples: regime, exit, bin (from 0), confidence
    and accuracy (means over the bin), samples, and ece (expected calibration error of the exit:
    mean over the samples of the bins' |accuracy - confidence|). None for a regression.
    """
    if "correct" not in samples:
        return None
    names = [str(name) for name in samples if str(name).startswith("confidence_")]
    parts = []
    for exit_number, name in enumerate(names, 1):
        known = samples[samples[name].notna()]
        # float64: the mean of many float32 loses digits.
        confidence = known[name].astype(np.float64)
        bins = np.minimum((confidence * CALIBRATION_BINS).astype(int), CALIBRATION_BINS - 1)
        part = pd.DataFrame(
            {
                "regime": known["regime"].astype(str),
                "exit": exit_number,
                "bin": bins,
                "confidence": confidence,
                "accuracy": known[f"correct_{exit_number}"].astype(np.float64),
                "samples": 1,
            }
        )
        how = {"confidence": "mean", "accuracy": "mean", "samples": "sum"}
        parts.append(part.groupby(["regime", "exit", "bin"], as_index=False).agg(how))
    data = pd.concat(parts).sort_values(["regime", "exit", "bin"], ignore_index=True)
    gap = (data["accuracy"] - data["confidence"]).abs() * data["samples"]
    groups = [data["regime"], data["exit"]]
    every = data["samples"].groupby(groups).transform("sum")
    return data.assign(ece=gap.groupby(groups).transform("sum") / every)


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
