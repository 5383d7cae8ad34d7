"""Pareto frontiers of accuracy against cost, as a picture and as an interactive chart."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from harness.core.files import atomic_file, write_text
from harness.report.figures.style import STATIC_REFERENCE, Style, inked, styles
from harness.results.tables import score_column

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from plotly import graph_objects

_LINES = {"solid": "-", "dot": ":", "dash": "--"}
_MARKERS = {False: ("circle", "o"), True: ("diamond", "D")}
COST_TITLE = "cost budget (mean MACs on validation, relative to the full static network)"
_PANELS = {
    "validation": "chosen on validation",
    "test": "the points chosen for each budget, evaluated on test",
}
_HOVER = (
    "<b>%{customdata[0]}</b> trial %{customdata[1]} (configuration %{customdata[2]}, seed "
    "%{customdata[3]})<br>thresholds %{customdata[4]}<br>routing %{customdata[5]}<br>"
    "budget %{x:.3f}, cost %{customdata[6]:.3f}<br>"
)


def pareto_data(frame: pd.DataFrame) -> pd.DataFrame:
    """Long form of the regimes' frontiers: one row per point and part (validation, test).

    Parameters
    ----------
    frame
        As `harness.analysis.frontiers` makes it; test columns may be missing.

    Returns
    -------
    Columns regime, part, cost (the budget that the point was chosen for, which is its cost on
    validation), score, key, configuration, seed, thresholds and routing (the share that leaves at
    each exit; both as text), spent (its cost on the part); rmse of a regression, whose score is
    R^2. By rising cost, the rows of a regime and part are the steps of its staircase.
    """
    thresholds = _joined(
        frame.filter(regex="^threshold_"),
        ", ",
        lambda value: f"{value:.3f}" if np.isfinite(value) else "never",
    )
    thresholds = thresholds.where(frame["static_exit"] == 0, "static network")
    common = frame[["regime", "key", "configuration", "seed"]].assign(thresholds=thresholds)
    errors = ["rmse"] if "validation_rmse" in frame else []
    parts = [
        common.assign(
            part=part,
            routing=_joined(frame.filter(like=f"{part}_share_exit_"), " / ", "{:.1%}".format),
            cost=frame["validation_cost"],
            spent=frame[f"{part}_cost"],
            score=frame[score_column(frame, part)],
            **{name: frame[f"{part}_{name}"] for name in errors},
        )
        for part in ("validation", "test")
        if f"{part}_cost" in frame
    ]
    return pd.concat(parts, ignore_index=True)


def _joined(columns: pd.DataFrame, between: str, said: Callable[[float], str]) -> pd.Series:
    """The numbers of each row as one text; row by row in pandas it takes seconds."""
    texts = [between.join(map(said, row)) for row in columns.to_numpy(dtype=float)]
    return pd.Series(texts, index=columns.index, dtype="str")


def measure(data: pd.DataFrame) -> str:
    """Name of the score in `pareto_data`, for axes and captions."""
    return "R²" if "rmse" in data else "accuracy"


def draw_pareto_html(data: pd.DataFrame, title: str, subtitle: str, path: Path) -> None:
    """Write the interactive picture: one self-contained file that needs no network."""
    figure = pareto_figure(data, title, subtitle)
    write_text(path, figure.to_html(include_plotlyjs=True, full_html=True))


def pareto_figure(data: pd.DataFrame, title: str, subtitle: str) -> "graph_objects.Figure":
    """The interactive picture of `pareto_data`: staircases on validation and on test."""
    from plotly import graph_objects

    figure = graph_objects.Figure()
    shown = ["regime", "key", "configuration", "seed", "thresholds", "routing", "spent"]
    hover = f"{_HOVER}{measure(data)} %{{y:.4f}}"
    if "rmse" in data:
        shown, hover = [*shown, "rmse"], f"{hover}<br>RMSE %{{customdata[7]:.4g}}"
    drawn = styles(sorted(data["regime"].unique()))
    for (name, part), rows in data.groupby(["regime", "part"]):
        regime = str(name)
        validation = part == "validation"
        ordered = rows.sort_values("cost")
        figure.add_scatter(
            x=ordered["cost"],
            y=ordered["score"],
            name=f"{regime} ({part})",
            legendgroup=regime,
            meta=str(part),
            mode="lines+markers",
            line={
                "shape": "hv",
                "color": drawn[regime].colour,
                "dash": _dash(regime, drawn[regime]),
                "width": 2 if validation else 1,
            },
            marker={
                "color": drawn[regime].colour,
                "size": 5 if validation else 7,
                "symbol": _MARKERS[drawn[regime].dotted][0] + ("" if validation else "-open"),
            },
            visible=True if validation else "legendonly",
            customdata=ordered[shown],
            hovertemplate=f"{hover}<extra>{part}</extra>",
        )
    low, high = score_range(data)
    figure.update_layout(
        title={"text": title, "subtitle": {"text": subtitle}},
        template="plotly_white",
        xaxis={"title": COST_TITLE, "rangemode": "tozero"},
        yaxis={"title": measure(data), "range": [low, high]},
        hovermode="closest",
    )
    return figure


def draw_pareto_png(data: pd.DataFrame, title: str, subtitle: str, path: Path) -> None:
    """Write the picture of `draw_pareto` on white."""
    figure = draw_pareto(data, title, subtitle)
    with atomic_file(path) as temporary:
        figure.savefig(temporary, dpi=150, facecolor="white")


@inked()
def draw_pareto(data: pd.DataFrame, title: str, subtitle: str) -> "Figure":
    """The picture for papers and pages: chosen on validation beside evaluated on test."""
    from matplotlib.figure import Figure

    parts = list(data["part"].unique())
    figure = Figure(figsize=(5.2 * len(parts) + 1.8, 4.8), layout="constrained")
    panels = figure.subplots(1, len(parts), sharey=True, squeeze=False)[0]
    drawn = styles(sorted(data["regime"].unique()))
    for panel, part in zip(panels, parts, strict=True):
        for regime, rows in data[data["part"] == part].groupby("regime"):
            _draw_front(panel, part, rows, str(regime), drawn[str(regime)])
        panel.set_title(_PANELS[part])
        panel.set_xlabel(COST_TITLE, fontsize=8)
        panel.grid(alpha=0.25)
    panels[0].set_ylabel(measure(data))
    panels[0].set_ylim(*score_range(data))
    handles, labels = panels[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside right upper", fontsize=8, frameon=False)
    figure.suptitle(title, fontweight="bold")
    figure.supxlabel(subtitle, fontsize=7, alpha=0.8)
    return figure


def _draw_front(panel: "Axes", part: str, rows: pd.DataFrame, regime: str, style: Style) -> None:
    ordered = rows.sort_values("cost")
    panel.plot(
        ordered["cost"],
        ordered["score"],
        drawstyle="steps-post",
        linestyle=_LINES[_dash(regime, style)],
        linewidth=1.6 if part == "validation" else 1.0,
        marker=_MARKERS[style.dotted][1] if regime == STATIC_REFERENCE else None,
        markersize=3.5,
        color=style.colour,
        label=regime,
        rasterized=part == "test",  # thousands of steps
    )


def _dash(regime: str, style: Style) -> str:
    if regime == STATIC_REFERENCE:
        return "dash"
    return "dot" if style.dotted else "solid"


def score_range(data: pd.DataFrame) -> tuple[float, float]:
    """Range of the score axis: the cheapest, least accurate points may lie below it."""
    low, high = data["score"].quantile(0.08), data["score"].max()
    margin = 0.06 * max(high - low, 0.01)
    return float(low - margin), float(high + margin)
