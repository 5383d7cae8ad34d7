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
from harness.analysis.verdict import findings, limits
from harness.core.files import Json, write_text
from harness.report.figures.files import inline
from harness.report.figures.leading import leading, mean_hypervolumes
from harness.report.figures.pareto import measure, pareto_data
from harness.report.figures.pareto_chart import pareto_chart
from harness.report.figures.style import INK, exit_colours, on, styles
from harness.report.figures.surfaces import attainment_data
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
            css=_asset("page.css"),
            scripts=[_asset(name) for name in _SCRIPTS],
            plotly=_packed(get_plotlyjs().encode()),
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
    found.filters["packed_csv"] = packed_csv
    # The filter `tojson` escapes what could end the script element around it.
    found.policies["json.dumps_kwargs"] = {"separators": (",", ":"), "allow_nan": False}
    return found


def packed_csv(table: pd.DataFrame) -> str:
    """A table as base64 of its gzipped CSV, numbers with six digits."""
    return _packed(table.to_csv(index=False, float_format="%.6g").encode())


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
        "score": "R²" if contents.record.score == "r2" else contents.record.score,
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


def _packed(content: bytes) -> str:
    """What is text, as base64 of its gzip: two fifths of the size."""
    return base64.b64encode(gzip.compress(content, mtime=0)).decode()


def _asset(name: str) -> str:
    return files("harness.report.page").joinpath(name).read_text(encoding="utf-8")
