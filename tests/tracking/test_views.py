"""Saved views, unpacked as the MLflow UI does."""

import base64
import json
import zlib

from mlflow.utils.validation import MAX_EXPERIMENT_TAG_VAL_LENGTH

from harness.tracking.views import REGIMES, TRIALS, view_address, view_tags


def state(key):
    packed = json.loads(view_tags(7)[f"mlflow.sharedViewState.{key}"])
    assert packed["createdAt"] == 7
    return json.loads(zlib.decompress(base64.b64decode(packed["state"].removeprefix("deflate;"))))


def test_views_filter_sort_and_draw_what_trials_log():
    for key in (TRIALS, REGIMES):
        found = state(key)
        assert found["searchFilter"] == "tags.`harness.kind` = 'trial'"
        assert found["orderByKey"] == "metrics.`hypervolume`"
        sections = {section["uuid"] for section in found["compareRunSections"]}
        charts = found["compareRunCharts"]
        assert {chart["metricSectionId"] for chart in charts} == sections
        assert len({chart["uuid"] for chart in charts}) == len(charts)
    scatter = state(TRIALS)["compareRunCharts"][0]
    assert (scatter["type"], scatter["xaxis"]["key"], scatter["yaxis"]["key"]) == (
        "SCATTER", "relative_cost", "accuracy"
    )  # fmt: skip
    assert state(REGIMES)["groupBy"]["groupByKeys"] == [{"mode": "tag", "groupByData": "regime"}]


def test_a_view_fits_into_a_tag_and_stays_the_same():
    assert view_tags(1) == view_tags(1)
    assert max(map(len, view_tags(10**13).values())) <= MAX_EXPERIMENT_TAG_VAL_LENGTH
    assert f"viewStateShareKey={TRIALS}" in view_address("1", TRIALS)
