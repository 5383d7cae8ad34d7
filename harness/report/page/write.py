"""`report.html`: one self-contained file that opens without a network."""

import json
from pathlib import Path
from typing import cast

import numpy as np
import pandas as pd

from harness.analysis.chosen_points import exits_of
from harness.analysis.verdict import findings, limits
from harness.core.files import Json, write_text
from harness.report.figures.leading import leading, mean_hypervolumes
from harness.report.figures.pareto import measure, pareto_data
from harness.report.figures.pareto_chart import pareto_chart
from harness.report.figures.style import INK, exit_colours, on, styles
from harness.report.figures.surfaces import attainment_data
from harness.report.formats import SCORE_NAMES
from harness.report.page.rendering import asset, environment, packed
from harness.report.page.sections import Contents, sections
from harness.results.recommendation import Recommendations

MOST_POINTS = 150
"""Points of a regime's line that the page draws; more cannot be distinguished by eye."""
_SCRIPTS = ("page.js", "frontiers.js", "budgets.js", "start.js")


def write_report(path: Path, contents: Contents) -> None:
    """Write a study's report, atomically."""
    from plotly.offline import get_plotlyjs

    text = (
        environment()
        .get_template("page.html")
        .render(
            contents=contents,
            sections=sections(contents),
            data=_page_data(contents),
            evidence=contents.seeds.rests_on,
            findings=findings,
            limits=limits,
            css=asset("page.css"),
            scripts=[asset(name) for name in _SCRIPTS],
            plotly=packed(get_plotlyjs().encode()),
        )
    )
    write_text(path, text)


def _page_data(contents: Contents) -> dict[str, Json]:
    areas, baseline = mean_hypervolumes(contents.seeds), contents.record.spec.baseline
    shown = leading(areas, baseline)
    surfaces = attainment_data(contents.seeds.frontiers)
    frontier = _thinned(contents.frontier, ["regime"])
    lines = _thinned(surfaces, ["regime", "part", "level"])
    chart = pareto_chart(frontier, lines, shown, baseline)
    chart.update_layout(template=None)
    ordered = areas.sort_values(ascending=False)
    drawn = styles([str(name) for name in ordered.index], baseline)
    return {
        "frontiers": cast(Json, json.loads(chart.to_json())),
        "regimes": [
            {
                "name": name,
                "colour": style.colour,
                "dash": style.dash,
                "hypervolume": float(ordered[name]),
                "leading": name in shown,
            }
            for name, style in drawn.items()
        ],
        "ink": INK,
        "budgets": contents.budgets.model_dump(mode="json"),
        "study": contents.record.name,
        "score": SCORE_NAMES[contents.record.score],
        "recommendations": _recommendations(contents.recommendations),
        "measure": measure(pareto_data(frontier)),
        "exits": [{"colour": c, "ink": on(c)} for c in exit_colours(exits_of(contents.frontier))],
    }


def _recommendations(found: Recommendations | None) -> Json:
    return None if found is None else found.model_dump(mode="json")["found"]


def _thinned(table: pd.DataFrame, within: list[str]) -> pd.DataFrame:
    """At most so many rows of each line, evenly by rank of cost, the ends among them."""
    kept = []
    for _, rows in table.groupby(within):
        steps = np.linspace(0, len(rows) - 1, min(len(rows), MOST_POINTS))
        kept.append(rows.iloc[np.unique(steps.round().astype(int))])
    return pd.concat(kept)
