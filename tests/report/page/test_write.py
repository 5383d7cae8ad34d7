"""The report's page on made-up trials whose answers are known."""

import base64
import gzip
import json
import re

import pandas as pd
import pytest
from plotly.offline import get_plotlyjs

from harness.analysis import frontier_stage
from harness.core.project import Project
from harness.report import stage
from harness.report.page.sections import sections
from harness.report.page.tables import table
from harness.report.page.write import MOST_POINTS, _embedded, _thinned


@pytest.fixture
def page(reported):
    return (reported.folder / "report.html").read_text()


def body(page, anchor):
    return page.split(f'<section id="{anchor}"')[1].split("</section>")[0]


def test_it_escapes_what_a_study_says(page):
    assert "A &lt;b&gt;study&lt;/b&gt;" in page
    assert "&lt;went wrong&gt;" in body(page, "failures")


def test_wins_and_losses_are_complete_and_never_both(page):
    for rival, others in (("joint", {"hard_cgt", "single_exit"}), ("single_exit", {"joint"})):
        told = re.findall(
            rf"<h3>[^<]* <code>{rival}</code> \((\d)\)</h3><ul>(.*?)</ul>", body(page, "results")
        )
        assert len(told) == 3
        named = [name for _, rows in told for name in re.findall(r"<li>(\w+):", rows)]
        assert others <= set(named)
        assert len(named) == len(set(named)) == sum(int(count) for count, _ in told)


def test_each_section_is_linked_and_figures_are_there_in_words_too(page):
    links = re.findall(r'<a href="#(\w+)">', page.split("<header>")[0])
    assert links == re.findall(r'<section id="(\w+)"', page)
    for name in ("routing", "attainment", "reliability", "classes"):
        assert re.search(rf'<figure id="drawing-{name}">.*?<svg.*?<figcaption>\w', page, re.DOTALL)
    assert 'id="drawing-pareto"' not in page


def test_it_carries_the_chart_library_and_the_budgets(page, reported):
    packed = re.search(r'id="plotly">([^<]*)<', page).group(1)
    assert gzip.decompress(base64.b64decode(packed)).decode() == get_plotlyjs()
    data = json.loads(re.search(r'id="page-data">(.*?)</script>', page, re.DOTALL).group(1))
    assert data["budgets"] == json.loads((reported.folder / "budgets.json").read_text())
    assert len({exit_["colour"] for exit_ in data["exits"]}) == 2
    assert {trace["meta"] for trace in data["frontiers"]["data"]} == {"validation", "test"}


def test_both_stages_tell_of_each_step(reported):
    assert len(reported.frontier_steps) == frontier_stage.STEPS
    seen = reported.frontier_steps + reported.report_steps
    assert len(set(seen)) == len(seen) == frontier_stage.STEPS + stage.STEPS


def test_no_text_ends_the_embedded_data_early():
    text = _embedded({"name": "</script><b>"})
    assert "</" not in text
    assert json.loads(text) == {"name": "</script><b>"}


def test_long_frontiers_are_thinned_evenly_and_keep_their_ends():
    points = pd.DataFrame({"regime": ["a"] * 1000 + ["b"] * 3, "cost": range(1003)})
    kept = _thinned(points)
    long = kept.loc[kept["regime"] == "a", "cost"]
    assert (long.iloc[0], long.iloc[-1], len(long)) == (0, 999, MOST_POINTS)
    assert long.diff().dropna().between(6, 7).all()
    assert kept.loc[kept["regime"] == "b", "cost"].tolist() == [1000, 1001, 1002]


def test_tables_have_heads_for_readers_of_screens():
    text = table(pd.DataFrame({"a_b": [0.5, None], "c": ["<x>", "y"]}), "What & why")
    assert '<th scope="col">a b</th>' in text
    assert "<caption>What &amp; why</caption>" in text
    assert "&lt;x&gt;" in text
    assert "0.5000" in text
    assert "nan" not in text.lower()


def test_a_section_without_anything_is_left_out(reported, monkeypatch):
    folder, seen = reported.folder, []
    monkeypatch.setattr(stage, "write_report", lambda _, contents: seen.append(contents))
    stage.write_html(folder, Project(folder))
    anchors = [section.anchor for section in sections(seen[0])]
    assert anchors[:3] == ["results", "frontiers", "budgets"]
    assert "map" not in anchors
    assert "gallery" not in anchors
