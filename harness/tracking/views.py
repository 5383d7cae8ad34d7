"""Saved views of a study's runs in the MLflow UI: filter, order, columns and charts, ready made.

The UI keeps a saved view as a tag of the experiment: JSON whose `state` is what the page would
keep, compressed. MLflow documents no call for it (see docs/log.md): the fields are those of MLflow
3.17, to which the package is pinned.
"""

import base64
import json
import zlib
from collections.abc import Mapping
from typing import TypeAlias

from harness.core.files import Json

PREFIX = "mlflow.sharedViewState."
TRIALS, REGIMES = "harness-trials", "harness-regimes"
NAMES = {TRIALS: "Trials: accuracy against cost", REGIMES: "Regimes: best of each"}

Plain: TypeAlias = dict[str, Json]

COLUMNS = (
    "metrics.`accuracy`",
    "metrics.`relative_cost`",
    "metrics.`hypervolume`",
    "metrics.`best_accuracy`",
    "tags.`regime`",
    "tags.`pareto`",
)
SECTION: Plain = {
    "uuid": "harness",
    "name": "Accuracy against cost",
    "display": True,
    "isReordered": False,
    "deleted": False,
    "isGenerated": False,
}


def view_tags(created: int) -> dict[str, str]:
    """The tags of an experiment that hold its saved views.

    Parameters
    ----------
    created
        Creation time that the UI shows, in milliseconds.
    """
    regimes: Plain = {
        "aggregateFunction": "max",
        "groupByKeys": [{"mode": "tag", "groupByData": "regime"}],
    }
    states = {TRIALS: _state(_scatter(), None), REGIMES: _state(_bar(), regimes)}
    return {
        f"{PREFIX}{key}": json.dumps(
            {"name": NAMES[key], "createdAt": created, "state": _compressed(state)}
        )
        for key, state in states.items()
    }


def view_address(experiment: str, key: str, drawn: bool = True) -> str:
    """Address of a saved view, relative to that of the UI: its charts, or its list of runs."""
    mode = "&compareRunsMode=CHART" if drawn else ""
    return (
        f"#/experiments/{experiment}/runs?viewStateShareKey={key}{mode}"
        "&workflowType=machine_learning"
    )


def _state(first: Plain, grouping: Plain | None) -> Plain:
    return {
        "searchFilter": "tags.`harness.kind` = 'trial'",
        "orderByKey": "metrics.`hypervolume`",
        "orderByAsc": False,
        "startTime": "ALL",
        "lifecycleFilter": "Active",
        "datasetsFilter": [],
        "modelVersionFilter": "All Runs",
        "selectedColumns": list(COLUMNS),
        "runsHiddenMode": "SHOW_ALL",
        # Charts of all other metrics follow by themselves.
        "compareRunCharts": [first, _frontiers()],
        "compareRunSections": [SECTION],
        "groupBy": grouping,
        # The legend names the groups: charts take the list's space.
        "runListHidden": grouping is not None,
        "useGroupedValuesInCharts": True,
    }


def _chart(kind: str) -> Plain:
    return {
        "uuid": f"harness-{kind}",
        "type": kind,
        "runsCountToCompare": 100,
        "metricSectionId": SECTION["uuid"],
        "deleted": False,
        "isGenerated": False,
    }


def _scatter() -> Plain:
    names = {"xaxis": "relative_cost", "yaxis": "accuracy"}
    axes: Plain = {axis: {"key": name, "type": "METRIC"} for axis, name in names.items()}
    return {**_chart("SCATTER"), **axes}


def _bar() -> Plain:
    return {**_chart("BAR"), "metricKey": "hypervolume"}


def _frontiers() -> Plain:
    return {
        **_chart("LINE"),
        "metricKey": "frontier/accuracy",
        "selectedMetricKeys": ["frontier/accuracy"],
        "lineSmoothness": 0,
        "xAxisScaleType": "linear",
        "scaleType": "linear",
        "range": {},
        "xAxisKey": "step",
        "selectedXAxisMetricKey": "",
        "yAxisKey": "metric",
        "yAxisExpressions": [],
        "ignoreOutliers": False,
        "useGlobalXaxisKey": True,
        "useGlobalLineSmoothing": True,
    }


def _compressed(state: Mapping[str, Json]) -> str:
    plain = json.dumps(state, separators=(",", ":")).encode()
    return f"deflate;{base64.b64encode(zlib.compress(plain)).decode()}"
