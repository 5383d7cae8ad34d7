"""`report.html`: one self-contained file that opens without a network."""

import base64
import gzip
import json
from importlib.resources import files
from pathlib import Path
from typing import cast

import jinja2
import numpy as np
import pandas as pd

from harness.analysis.chosen_points import exits_of
from harness.core.files import Json, write_text
from harness.report.figures.files import inline
from harness.report.figures.pareto import measure, pareto_data, pareto_figure
from harness.report.figures.style import exit_colours, on
from harness.report.page.sections import Contents, sections

MOST_POINTS = 150
"""Points of a regime's line that the page draws; more cannot be distinguished by eye."""


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
            css=_asset("page.css"),
            script=_asset("page.js"),
            plotly=_packed(get_plotlyjs()),
        )
    )
    write_text(path, text)


def environment() -> jinja2.Environment:
    """The page's templates: all text is escaped, and an undefined name is an error."""
    found = jinja2.Environment(
        loader=jinja2.PackageLoader("harness.report.page"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    found.filters["inline"] = inline
    # The filter `tojson` escapes what could end the script element around it.
    found.policies["json.dumps_kwargs"] = {"separators": (",", ":"), "allow_nan": False}
    return found


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


def _packed(script: str) -> str:
    """A script as base64 of its gzip: two fifths of the size."""
    return base64.b64encode(gzip.compress(script.encode(), mtime=0)).decode()


def _asset(name: str) -> str:
    return files("harness.report.page").joinpath(name).read_text(encoding="utf-8")
