"""The interactive chart of the frontiers, on made-up trials."""

import numpy as np
import pytest

from harness.analysis.pairs import seed_tables
from harness.report.figures.pareto_chart import draw_pareto_html, pareto_chart
from harness.report.figures.surfaces import attainment_data
from harness.results.tables import read_frontier
from tests.made_up import REGIMES

PARTS = ("validation", "test")


@pytest.fixture(scope="module")
def tables(reported):
    return read_frontier(reported.folder), attainment_data(seed_tables(reported.folder).frontiers)


def seen(chart):
    return {(trace.meta, trace.legendgroup) for trace in chart.data if trace.visible is True}


def test_it_opens_on_test_over_seeds_with_the_chosen_regimes(tables):
    chart = pareto_chart(*tables, ("joint", "single_exit"), "joint")
    kinds = {f"{part} {kind}" for part in PARTS for kind in ("band", "line", "points")}
    assert {trace.meta for trace in chart.data} == kinds
    assert len(chart.data) == len(kinds) * len(REGIMES)
    chosen = ("joint", "single_exit")
    assert seen(chart) == {(f"test {kind}", name) for kind in ("band", "line") for name in chosen}


def test_a_band_is_closed_and_holds_its_line(tables):
    chart = pareto_chart(*tables, REGIMES, "joint")
    low, high = chart.layout.yaxis.range
    for regime in REGIMES:
        (band,) = (t for t in chart.data if (t.meta, t.legendgroup) == ("test band", regime))
        (line,) = (t for t in chart.data if (t.meta, t.legendgroup) == ("test line", regime))
        half = len(band.x) // 2
        assert np.allclose(band.x[:half], band.x[half:][::-1])
        assert (np.array(band.y[:half]) >= np.array(band.y[half:][::-1])).all()
        assert max(band.y) >= max(line.y) - 1e-6
        assert band.fillcolor == line.line.color
        assert low < high


def test_before_the_test_it_has_the_points_on_validation(tables):
    frame, _ = tables
    names = [name for name in frame if not str(name).startswith("test_")]
    chart = pareto_chart(frame[names], None, ("joint",), "joint")
    assert seen(chart) == {("validation points", "joint")}


def test_the_page_of_its_own_has_menus_and_no_way_out(tables, tmp_path):
    path = tmp_path / "pareto.html"
    draw_pareto_html(pareto_chart(*tables, REGIMES, "joint"), REGIMES, "title", "words", path)
    page = path.read_text()
    assert '"showSendToCloud": false' in page
    assert '"displaylogo": false' in page
    for words in ("test, over seeds", "validation, all seeds together", "logarithmic cost"):
        assert words in page
