"""`report.html`: one self-contained file that opens by double click, without a network."""

import base64
import gzip
import json
from html import escape
from importlib.resources import files
from pathlib import Path
from string import Template
from typing import cast

import numpy as np
import pandas as pd

from harness.analysis.chosen_points import exits_of
from harness.core.files import Json, write_text
from harness.report.figures.pareto import measure, pareto_data, pareto_figure
from harness.report.figures.style import exit_colours, on
from harness.report.page.sections import Contents, sections

MOST_POINTS = 150
"""Points of a regime's line that the page draws; more are not told apart by eye."""


def write_report(path: Path, contents: Contents) -> None:
    """Write a study's report, atomically."""
    from plotly.offline import get_plotlyjs

    record, parts = contents.record, sections(contents)
    links = "".join(f'<a href="#{part.anchor}">{escape(part.title)}</a>' for part in parts)
    text = Template(_asset("page.html")).substitute(
        name=escape(record.name),
        description=escape(record.spec.description),
        caption=escape(record.caption),
        css=_asset("page.css"),
        links=links,
        sections="\n".join(part.html for part in parts),
        data=_embedded(_page_data(contents)),
        plotly=_packed(get_plotlyjs()),
        script=_asset("page.js"),
    )
    write_text(path, text)


def _page_data(contents: Contents) -> dict[str, Json]:
    data = pareto_data(_thinned(contents.frontier))
    figure = pareto_figure(data, "", "")
    figure.update_layout(title=None, template=None)
    return {
        "frontiers": cast(Json, json.loads(figure.to_json())),
        "budgets": contents.budgets.model_dump(mode="json"),
        "measure": measure(data),
        "exits": [{"colour": c, "ink": on(c)} for c in exit_colours(exits_of(contents.frontier))],
    }


def _thinned(frontier: pd.DataFrame) -> pd.DataFrame:
    """At most so many points of each regime, evenly by rank of cost, the ends among them."""
    kept = []
    for _, rows in frontier.groupby("regime"):
        steps = np.linspace(0, len(rows) - 1, min(len(rows), MOST_POINTS))
        kept.append(rows.iloc[np.unique(steps.round().astype(int))])
    return pd.concat(kept)


def _embedded(value: Json) -> str:
    """JSON that no text in it can end: `</script>` cannot occur."""
    return json.dumps(value, separators=(",", ":"), allow_nan=False).replace("</", "<\\/")


def _packed(script: str) -> str:
    """A script as base64 of its gzip: two fifths of the size."""
    return base64.b64encode(gzip.compress(script.encode(), mtime=0)).decode()


def _asset(name: str) -> str:
    return files("harness.report.page").joinpath(name).read_text(encoding="utf-8")
