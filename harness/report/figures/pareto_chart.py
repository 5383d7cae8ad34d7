"""Frontiers as an interactive chart: over seeds with bands, or of all seeds together."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from harness.core.files import write_text
from harness.core.types import Floats
from harness.report.figures.pareto import measure, pareto_data
from harness.report.figures.style import Style, styles
from harness.report.figures.surfaces import COST_TITLE, band_of, line_of, score_range

if TYPE_CHECKING:
    from plotly import graph_objects

OFFLINE = {"displaylogo": False, "showSendToCloud": False}
"""No button of the chart leads out of the page."""
_SYMBOLS = {"o": "circle", "s": "square", "^": "triangle-up", "v": "triangle-down", "D": "diamond"}
_POINT = (
    "<b>%{customdata[0]}</b> trial %{customdata[1]} (configuration %{customdata[2]}, seed "
    "%{customdata[3]})<br>thresholds %{customdata[4]}<br>routing %{customdata[5]}<br>"
    "budget %{x:.3f}, cost %{customdata[6]:.3f}<br>"
)
_VIEWS = {
    "test": ("test, over seeds", {"test band", "test line"}),
    "validation": ("validation, over seeds", {"validation band", "validation line"}),
    "test points": ("test, all seeds together", {"test points"}),
    "validation points": ("validation, all seeds together", {"validation points"}),
}
"""What pareto.html can show: a name for people, and the kinds of traces."""


def pareto_chart(
    frame: pd.DataFrame,
    surfaces: pd.DataFrame | None,
    regimes: Sequence[str],
    baseline: str,
) -> "graph_objects.Figure":
    """The interactive chart; `regimes` are shown, the others by a click on their name.

    A trace's `meta` is its part and kind: of `surfaces` a `line` (median over seeds) and a `band`
    (worst to best), of the frontier of all seeds together its `points`.

    Parameters
    ----------
    frame
        The regimes' frontiers, as `harness.analysis.frontiers` makes them.
    surfaces
        As `harness.report.figures.surfaces.attainment_data` makes them; None before seeds were
        evaluated on test.
    """
    from plotly import graph_objects

    data = pareto_data(frame)
    drawn = styles(sorted(data["regime"].unique()), baseline)
    ranged = data if surfaces is None else surfaces
    low, high = score_range(ranged)
    traces = [*_points(data, drawn)]
    if surfaces is not None:
        traces = [*_over_seeds(surfaces, drawn, low, measure(data)), *traces]
    figure = graph_objects.Figure(traces)
    first = "test line" if surfaces is not None else str(data["part"].iloc[0]) + " points"
    for trace in figure.data:
        kind = "test" if first == "test line" else first
        trace.showlegend = trace.meta == first
        trace.visible = _seen(trace, kind, regimes)
    figure.update_layout(
        xaxis={"title": COST_TITLE, "range": [0, 1.02 * max(1.0, ranged["cost"].max())]},
        yaxis={"title": measure(data), "range": [low, high]},
        hovermode="closest",
    )
    return figure


def draw_pareto_html(
    figure: "graph_objects.Figure", regimes: Sequence[str], title: str, subtitle: str, path: Path
) -> None:
    """Write the chart with its menus: one self-contained file that needs no network."""
    kinds = {trace.meta for trace in figure.data}
    views = [
        {
            "label": label,
            "method": "restyle",
            "args": [
                {
                    "visible": [_seen(trace, view, regimes) for trace in figure.data],
                    "showlegend": [
                        trace.meta in wanted and "band" not in trace.meta for trace in figure.data
                    ],
                }
            ],
        }
        for view, (label, wanted) in _VIEWS.items()
        if wanted <= kinds
    ]
    largest = figure.layout.xaxis.range[1]
    cheapest = min(np.min(trace.x) for trace in figure.data if len(trace.x))
    ranges = {"linear": [0, largest], "log": list(np.log10([0.9 * cheapest, largest]))}
    costs = [
        {
            "label": f"{'logarithmic' if kind == 'log' else kind} cost",
            "method": "relayout",
            "args": [{"xaxis.type": kind, "xaxis.range": ends}],
        }
        for kind, ends in ranges.items()
    ]
    places = ({"x": 0, "xanchor": "left"}, {"x": 1, "xanchor": "right"})
    menus = [
        {"buttons": buttons, "y": 1.02, "yanchor": "bottom", **place}
        for buttons, place in zip((views, costs), places, strict=True)
    ]
    figure.update_layout(
        title={"text": title, "subtitle": {"text": subtitle}, "y": 0.98, "yanchor": "top"},
        template="plotly_white",
        updatemenus=menus,
        margin={"t": 150},
    )
    write_text(path, figure.to_html(include_plotlyjs=True, full_html=True, config=OFFLINE))


def _seen(trace: "graph_objects.Scatter", view: str, regimes: Sequence[str]) -> "bool | str":
    if trace.meta not in _VIEWS[view][1]:
        return False
    return True if trace.legendgroup in regimes else "legendonly"


def _over_seeds(
    surfaces: pd.DataFrame, drawn: Mapping[str, Style], floor: float, what: str
) -> "Iterator[graph_objects.Scatter]":
    """Bands first, so that all lines lie above them."""
    from plotly import graph_objects

    groups = [(str(r), str(p), rows) for (r, p), rows in surfaces.groupby(["regime", "part"])]
    for regime, part, rows in groups:
        if rows["seeds"].iloc[0] > 1:
            budgets, low, high = band_of(rows, floor)
            x = np.repeat(budgets, 2)[1:]
            up, down = (np.repeat(end, 2)[:-1] for end in (high, low))
            yield graph_objects.Scatter(
                # Single precision is more than the eye needs, and half as long in the page.
                x=np.concatenate([x, x[::-1]]).astype(np.float32),
                y=np.concatenate([up, down[::-1]]).astype(np.float32),
                name=regime,
                legendgroup=regime,
                meta=f"{part} band",
                mode="lines",
                line={"width": 0, "color": drawn[regime].colour},
                fill="toself",
                fillcolor=drawn[regime].colour,
                opacity=0.15,
                hoverinfo="skip",
            )
    for regime, part, rows in groups:
        cost, score = line_of(rows[rows["level"] == "median"])
        reached = _reached(rows, cost)
        yield graph_objects.Scatter(
            x=cost,
            y=score,
            name=regime,
            legendgroup=regime,
            meta=f"{part} line",
            mode="lines",
            line=_line(drawn[regime]),
            customdata=reached,
            hovertemplate=f"<b>{regime}</b><br>budget %{{x:.3f}}<br>{what} %{{y:.4f}}<br>"
            f"{rows['seeds'].iloc[0]} seeds: %{{customdata}}<extra>{part}</extra>",
        )


def _reached(rows: pd.DataFrame, cost: Floats) -> list[str]:
    """What all seeds and what one reach at some budgets, in words."""
    budgets, low, high = band_of(rows, -np.inf)
    at = np.searchsorted(budgets, cost, side="right") - 1
    return [
        f"{worst:.4f} to {best:.4f}" if np.isfinite(worst) else f"up to {best:.4f}, not all"
        for worst, best in zip(low[at], high[at], strict=True)
    ]


def _points(data: pd.DataFrame, drawn: Mapping[str, Style]) -> "Iterator[graph_objects.Scatter]":
    from plotly import graph_objects

    shown = ["regime", "key", "configuration", "seed", "thresholds", "routing", "spent"]
    hover = f"{_POINT}{measure(data)} %{{y:.4f}}"
    if "rmse" in data:
        shown, hover = [*shown, "rmse"], f"{hover}<br>RMSE %{{customdata[7]:.4g}}"
    for (name, part), rows in data.groupby(["regime", "part"]):
        ordered, style = rows.sort_values("cost"), drawn[str(name)]
        yield graph_objects.Scatter(
            x=ordered["cost"],
            y=ordered["score"],
            name=str(name),
            legendgroup=str(name),
            meta=f"{part} points",
            mode="lines+markers",
            line=_line(style),
            marker={"color": style.colour, "size": 5, "symbol": _SYMBOLS[style.marker]},
            customdata=ordered[shown],
            hovertemplate=f"{hover}<extra>{part}</extra>",
        )


def _line(style: Style) -> dict[str, object]:
    return {"shape": "hv", "color": style.colour, "dash": style.dash, "width": 2}
