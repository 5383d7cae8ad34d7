"""The report's page on made-up trials with known results."""

import base64
import gzip
import json
import re

import pandas as pd
import pytest
from jinja2 import UndefinedError
from plotly.offline import get_plotlyjs

from harness.analysis import frontier_stage
from harness.core.project import Project
from harness.report import stage
from harness.report.formats import cells
from harness.report.page.sections import sections
from harness.report.page.verdicts import Gain, verdicts
from harness.report.page.write import MOST_POINTS, _thinned, environment
from harness.results import study_record
from tests.records import changed


@pytest.fixture
def page(reported):
    return (reported.folder / "report.html").read_text()


def body(page, anchor):
    return page.split(f'<section id="{anchor}"')[1].split("</section>")[0]


def test_it_escapes_what_a_study_says(page):
    assert "A &lt;b&gt;study&lt;/b&gt;" in page
    assert "&lt;went wrong&gt;" in body(page, "failures")


def test_wins_and_losses_are_complete_and_never_both(page):
    for baseline, others in (("joint", {"hard_cgt", "single_exit"}), ("single_exit", {"joint"})):
        cards = re.findall(
            rf"<h3>[^<]* <code>{baseline}</code> \((\d)\)</h3>\s*<ul>(.*?)</ul>",
            body(page, "results"),
            re.DOTALL,
        )
        assert len(cards) == 3
        named = [name for _, rows in cards for name in re.findall(r"<li>(\w+):", rows)]
        assert others <= set(named)
        assert len(named) == len(set(named)) == sum(int(count) for count, _ in cards)


def test_a_verdict_holds_each_regime_once_seen_from_the_baseline():
    rows = [
        ("a", "base", 0.3, 0.1, 0.5),
        ("base", "b", 0.2, 0.1, 0.4),
        ("base", "c", 0.1, 0.0, 0.3),
    ]
    names = ["regime", "other", "difference", "difference_low", "difference_high"]
    pairs = pd.DataFrame([*rows, ("a", "b", 0.5, 0.4, 0.6)], columns=names)
    pairs = pairs.assign(interval_of=(both := "seeds and test samples"))
    above, below, inconclusive = verdicts("base", pairs)
    assert above.gains == (Gain("a", 0.3, 0.1, 0.5, both),)
    assert below.gains == (Gain("b", -0.2, -0.4, -0.1, both),)
    assert inconclusive.gains == (Gain("c", -0.1, -0.3, 0.0, both),)
    assert inconclusive.title == "Inconclusive against"
    assert not list(verdicts("none", pairs))
    above, below, inconclusive = verdicts("base", pairs.assign(interval_of="test samples"))
    assert (above.gains, below.gains) == ((), ())
    assert [gain.regime for gain in inconclusive.gains] == ["a", "c", "b"]


def test_verdicts_stand_against_the_baseline_of_the_study(folder):
    study_record.write_study_record(
        folder, changed(study_record.read_study_record(folder), spec={"baseline": "hard_cgt"})
    )
    frontier_stage.write_frontier(folder)
    text = body(stage.write_html(folder, Project(folder)).read_text(), "results")
    named = re.findall(r"<h3>[^<]* <code>(\w+)</code>", text)
    assert named == ["hard_cgt"] * 3 + ["single_exit"] * 3


def test_a_name_that_nothing_defines_is_an_error():
    with pytest.raises(UndefinedError):
        environment().from_string("{{ mistyped }}").render()


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
    assert len(reported.frontier_steps) == frontier_stage.FRONTIER_STEPS
    seen = reported.frontier_steps + reported.report_steps
    assert len(set(seen)) == len(seen) == frontier_stage.FRONTIER_STEPS + stage.REPORT_STEPS


def test_no_text_ends_the_embedded_data_early():
    shown = environment().from_string("{{ data | tojson }}")
    text = shown.render(data={"name": "</script><b>"})
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
    frame = cells(pd.DataFrame({"a_b": [0.5, None], "c": ["<x>", "y"]}), {})
    text = environment().get_template("tables.html").module.table("What & why", frame)
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
