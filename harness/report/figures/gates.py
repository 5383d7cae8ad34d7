"""Gate activity over training: mean loss weight of each exit, epoch by epoch."""

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from harness.report.figures.style import exit_colours, inked, panel_grid
from harness.results import trials
from harness.results.study_record import StudyRecord

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_WEIGHT = "mean_weight_exit_"
_BAND = (0.1, 0.9)
_STILL = 1e-3
"""A weight that changes less than this in a training counts as fixed."""


def gates_data(folder: Path, record: StudyRecord) -> pd.DataFrame:
    """Mean loss weight per exit and epoch over a regime's trials.

    Returns
    -------
    Columns regime, epoch (from 1), exit, mean, low and high (the middle 80 % of the trials) and
    trials; only regimes whose weights change in a training, so empty where none does.

    Raises
    ------
    InputError
        A trial is damaged.
    """
    parts = []
    for configuration in record.configurations:
        for key in configuration.keys if configuration.objectives is not None else ():
            weights = trials.read_curve(folder, key).filter(like=_WEIGHT)
            weights.index = pd.RangeIndex(1, len(weights) + 1, name="epoch")
            long = weights.melt(ignore_index=False, var_name="exit", value_name="weight")
            parts.append(long.reset_index().assign(regime=configuration.regime, key=key))
    columns = ["regime", "epoch", "exit", "mean", "low", "high", "trials"]
    every = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=columns)
    if every.empty:
        return every.reindex(columns=columns)
    moved = every.groupby(["regime", "key", "exit"])["weight"].agg(np.ptp)
    moving = moved.groupby("regime").max()
    every = every[every["regime"].isin(moving[moving > _STILL].index)]
    every = every.assign(exit=every["exit"].str.removeprefix(_WEIGHT).astype(int))
    groups = every.groupby(["regime", "epoch", "exit"])["weight"]
    found = pd.DataFrame(
        {
            "mean": groups.mean(),
            "low": groups.quantile(_BAND[0]),
            "high": groups.quantile(_BAND[1]),
            "trials": groups.size(),
        }
    )
    return found.reset_index()[columns]


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
