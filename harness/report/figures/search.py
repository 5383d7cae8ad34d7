"""Importance of the searched parameters, and slices: objectives against each parameter."""

import re
from typing import TYPE_CHECKING

import pandas as pd

from harness.core.settings import Between, Settings
from harness.report.figures.style import COLOURS, inked, styles
from harness.results.study_record import StudyRecord

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

OWN_PREFIX = "regime."
"""How the names of a regime's own parameters begin."""


def slices_data(record: StudyRecord) -> pd.DataFrame:
    """The objectives reported of each configuration, against each of its searched parameters.

    Returns
    -------
    One row per configuration, parameter and metric: regime, configuration, parameter, value,
    logarithmic (whether it was searched on a logarithmic scale), metric, objective.
    """
    rows = [
        {
            "regime": configuration.regime,
            "configuration": configuration.number,
            "parameter": parameter,
            "value": value,
            "logarithmic": _logarithmic(record, configuration.regime, parameter),
            "metric": metric,
            "objective": objective,
        }
        for configuration in (() if record.imported else record.succeeded())
        for parameter, value in configuration.parameters.items()
        for metric, objective in zip(
            record.spec.metric_names, configuration.objectives or (), strict=True
        )
    ]
    columns = [
        "regime",
        "configuration",
        "parameter",
        "value",
        "logarithmic",
        "metric",
        "objective",
    ]
    return pd.DataFrame(rows, columns=columns)


def _logarithmic(record: StudyRecord, regime: str, parameter: str) -> bool:
    section, _, name = parameter.partition(".")
    study = record.spec
    sections: dict[str, Settings] = {
        "backbone": study.backbone.parameters,
        "training": study.training,
        "regime": study.regimes.get(regime, {}),
    }
    settings = sections.get(section, {})
    # A setting that each exit has for itself is proposed as name_1, name_2 ..
    setting = settings.get(name, settings.get(re.sub(r"_\d+$", "", name)))
    return isinstance(setting, Between) and setting.distribution == "log_uniform_values"


@inked()
def draw_importance(data: pd.DataFrame) -> "Figure":
    """A panel per regime with a bar per parameter and metric.

    Parameters
    ----------
    data
        As `harness.study.importance.importances` makes it.
    """
    from matplotlib.figure import Figure

    regimes = list(data["regime"].unique())
    # Most configurations first, then panels of like height.
    regimes.sort(key=lambda name: _weight(data[data["regime"] == name]), reverse=True)
    columns = min(len(regimes), 3)
    rows = -(-len(regimes) // columns)
    counts = [data.loc[data["regime"] == name, "parameter"].nunique() for name in regimes]
    heights = [max(counts[row * columns : (row + 1) * columns]) + 1.3 for row in range(rows)]
    size = (3.3 * columns + 0.4, 0.27 * sum(heights) + 1)
    figure = Figure(figsize=size, layout="constrained")
    grid = figure.subplots(rows, columns, sharex=True, squeeze=False, height_ratios=heights).ravel()
    metrics = list(data["metric"].unique())
    for panel, regime in zip(grid, regimes, strict=False):
        found = data[data["regime"] == regime]
        table = found.pivot_table(index="parameter", columns="metric", values="importance")[metrics]
        _draw_bars(panel, table.loc[table.mean(axis=1).sort_values().index])
        panel.set_title(f"{regime} ({found['configurations'].iloc[0]} configurations)", fontsize=9)
    for panel in grid[len(regimes) :]:
        panel.remove()
    figure.supxlabel("importance (PED-ANOVA, sum 1)", fontsize=9)
    handles, labels = grid[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside upper center", ncols=len(labels), frameon=False)
    return figure


def _weight(rows: pd.DataFrame) -> tuple[int, int]:
    return int(rows["configurations"].iloc[0]), len(rows)


def _draw_bars(panel: "Axes", table: pd.DataFrame) -> None:
    height = 0.8 / len(table.columns)
    for index, metric in enumerate(table.columns):
        heights = [row + 0.4 - height * (index + 0.5) for row in range(len(table))]
        colour = COLOURS[index % len(COLOURS)]
        panel.barh(heights, table[metric], height=height, color=colour, label=metric)
    names = [str(name).rpartition(".")[2] for name in table.index]
    panel.set_yticks(range(len(table)), names, fontsize=8)
    panel.set_xlim(0, 1)
    panel.tick_params(labelsize=8)


@inked()
def draw_shared_slices(data: pd.DataFrame, baseline: str) -> "Figure":
    """Parameters that all regimes search: a column each, a row per metric, regimes by style."""
    from matplotlib.figure import Figure

    parameters, metrics = sorted(data["parameter"].unique()), list(data["metric"].unique())
    size = (3.3 * len(parameters) + 2.2, 2.6 * len(metrics) + 0.4)
    figure = Figure(figsize=size, layout="constrained")
    shape = (len(metrics), len(parameters))
    grid = figure.subplots(*shape, sharex="col", sharey="row", squeeze=False)
    drawn = styles(sorted(data["regime"].unique()), baseline)
    for row, metric in enumerate(metrics):
        for column, parameter in enumerate(parameters):
            panel = grid[row, column]
            rows = data[(data["metric"] == metric) & (data["parameter"] == parameter)]
            for regime, points in rows.groupby("regime"):
                style = drawn[str(regime)]
                _draw_points(panel, points, style.colour, style.marker, str(regime))
            panel.grid(alpha=0.2)
        grid[row, 0].set_ylabel(metric)
    for column, parameter in enumerate(parameters):
        grid[-1, column].set_xlabel(parameter.rpartition(".")[2])
    figure.align_ylabels()
    handles, labels = grid[0, 0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside right upper", fontsize=8, frameon=False)
    return figure


@inked()
def draw_own_slices(data: pd.DataFrame) -> "Figure":
    """Parameters of single regimes: a panel each, metrics by colour."""
    from matplotlib.figure import Figure

    pairs = list(data[["regime", "parameter"]].drop_duplicates().itertuples(index=False))
    columns = min(len(pairs), 4)
    rows = -(-len(pairs) // columns)
    size = (2.7 * columns + 0.4, 2 * rows + 0.7)
    figure = Figure(figsize=size, layout="constrained")
    grid = figure.subplots(rows, columns, sharey=True, squeeze=False).ravel()
    metrics = list(data["metric"].unique())
    for panel, (regime, parameter) in zip(grid, pairs, strict=False):
        chosen = (data["regime"] == regime) & (data["parameter"] == parameter)
        for index, metric in enumerate(metrics):
            colour = COLOURS[index % len(COLOURS)]
            _draw_points(panel, data[chosen & (data["metric"] == metric)], colour, "o", metric)
        panel.set_title(f"{regime}: {parameter.rpartition('.')[2]}", fontsize=9)
        panel.tick_params(labelsize=8)
        panel.grid(alpha=0.2)
    for panel in grid[len(pairs) :]:
        panel.remove()
    figure.supylabel("value of the metric", fontsize=9)
    handles, labels = grid[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside upper center", ncols=len(labels), frameon=False)
    return figure


def _draw_points(panel: "Axes", points: pd.DataFrame, colour: str, marker: str, label: str) -> None:
    values = points["value"]
    if not all(isinstance(value, int | float) and not isinstance(value, bool) for value in values):
        values = values.astype(str)
    (drawn,) = panel.plot(values, points["objective"], marker, color=colour, label=label)
    drawn.set(markersize=4.5, alpha=0.8)
    if points["logarithmic"].any():
        _draw_logarithmic(panel, points)


def _draw_logarithmic(panel: "Axes", points: pd.DataFrame) -> None:
    from matplotlib import ticker

    panel.set_xscale("log")
    values = points["value"].astype(float)
    narrow = values.max() < 100 * values.min()
    panel.xaxis.set_major_locator(ticker.LogLocator(subs=(1, 2, 5) if narrow else (1,)))
    panel.xaxis.set_major_formatter("{x:g}")
    panel.xaxis.set_minor_formatter(ticker.NullFormatter())
