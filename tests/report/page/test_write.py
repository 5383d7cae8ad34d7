"""The report's page on made-up trials with known results."""

import base64
import gzip
import io
import json
import re

import pandas as pd
import pytest
from markupsafe import escape
from plotly.offline import get_plotlyjs

from harness.analysis import frontier_stage
from harness.analysis.pairs import seed_tables
from harness.analysis.verdict import findings, limits, verdict
from harness.core.project import Project
from harness.report import stage
from harness.report.figures.leading import mean_hypervolumes
from harness.report.page.sections import sections
from harness.report.page.write import MOST_POINTS, _thinned
from harness.results import study_record
from harness.results.confirmation import confirmation_folder
from harness.results.recommendation import RECOMMENDATIONS
from tests.records import changed

SIDES = {"Better than": "better", "Worse than": "worse", "Undecided against": "undecided"}


@pytest.fixture
def page(reported):
    return (reported.folder / "report.html").read_text()


@pytest.fixture
def fresh_page(reported_fresh):
    """Of the same study, confirmed."""
    return (reported_fresh.folder / "report.html").read_text()


def verdicts_of(folder):
    tables = seed_tables(folder)
    return [verdict(tables, baseline) for baseline in ("joint", "single_exit")]


def words_of(picture):
    """The text in an SVG, without its marks."""
    return " ".join(re.sub("<[^>]*>", " ", picture.read_text()).split())


def body(page, anchor):
    return page.split(f'<section id="{anchor}"')[1].split("</section>")[0]


def test_it_escapes_what_a_study_says(page):
    assert "A &lt;b&gt;study&lt;/b&gt;" in page
    assert "&lt;went wrong&gt;" in body(page, "failures")


def test_few_searched_seeds_are_exploratory_and_call_no_regime_better(page):
    section = body(page, "results")
    assert ">Exploratory comparison</h2>" in section
    assert "Better" not in section
    for said in (
        "<strong>Exploratory: n = 2 searched seeds, nothing tested.</strong>",
        "no regime is tested and none called better or worse; harness confirm trains",
        "<em>What may not be concluded.</em> One search found these configurations",
    ):
        assert said in section
    for baseline, others in (("joint", {"hard_cgt", "single_exit"}), ("single_exit", {"joint"})):
        ((title, count, evidence, rows),) = re.findall(
            rf"<h3>([^<]*) <code>{baseline}</code> \((\d)\)</h3>\s*<p class=\"note\">(.*?)</p>\s*"
            r"<ul>(.*?)</ul>",
            section,
            re.DOTALL,
        )
        assert title == "Exploratory against"
        assert evidence == (
            "n = 2 searched seeds; Holm&#39;s correction over 2: to decide takes n = 7 of fresh "
            "seeds"
        )
        named = re.findall(r"<li>(\w+):", rows)
        assert others <= set(named)
        assert len(named) == len(set(named)) == int(count)


def data_of(page):
    return json.loads(re.search(r'id="page-data">(.*?)</script>', page, re.DOTALL).group(1))


def test_fresh_seeds_take_the_place_of_searched_ones(fresh_page, reported_fresh):
    section, (own, other) = body(fresh_page, "results"), verdicts_of(reported_fresh.folder)
    assert own.decides
    assert ">Better, worse, undecided</h2>" in section
    for said in (own.headline, findings(own), limits(own)):
        assert str(escape(said)) in section
    assert f"<strong>{own.headline}.</strong>" in section
    lists = re.findall(
        r"<h3>([^<]*) <code>(\w+)</code> \((\d)\)</h3>\s*<p class=\"note\">(.*?)</p>", section
    )
    assert lists == [
        (title, found.baseline, str(len(found.of(side))),
         "n = 7 fresh seeds, each with its own split; Holm&#39;s correction over 2")
        for found in (own, other)
        for title, side in SIDES.items()
    ]  # fmt: skip
    areas = mean_hypervolumes(seed_tables(reported_fresh.folder))
    for regime in data_of(fresh_page)["regimes"]:
        assert regime["hypervolume"] == pytest.approx(areas[regime["name"]])
    assert "n = 7 fresh seeds" in body(fresh_page, "frontiers")
    caption = seed_tables(reported_fresh.folder).record.caption
    assert fresh_page.count(f'<p class="caption">{escape(caption)}') == 2
    provenance = re.sub("<[^>]*>", " ", body(fresh_page, "provenance"))
    assert re.search(r"searched seeds\s+\[0, 1\]\s+fresh seeds\s+\[1000, 1001,", provenance)


def test_what_is_recommended_is_on_the_page_as_the_frontier_stage_wrote_it(
    fresh_page, page, reported_fresh
):
    written = confirmation_folder(reported_fresh.folder) / RECOMMENDATIONS
    data = data_of(fresh_page)
    recommended = json.loads(written.read_text())
    assert data["recommendations"] == recommended["found"]
    # The slider's place is the index of both.
    assert data["budgets"]["budgets"] == recommended["budgets"]
    assert 'id="budget-recommendation"' in body(fresh_page, "budgets")
    # Of a study that is not confirmed nothing is recommended.
    assert data_of(page)["recommendations"] is None
    assert 'id="budget-recommendation"' not in page


def test_figures_over_fresh_seeds_say_so(reported_fresh):
    figures = reported_fresh.folder / "figures"
    text = {name: words_of(figures / f"{name}.svg") for name in ("attainment", "pareto", "routing")}
    for name in ("attainment", "pareto"):
        assert "fresh seeds [1000, 1001, 1002, 1003, 1004, 1005, 1006]" in text[name]
    assert "median of n = 7 fresh seeds" in text["attainment"]
    assert "seeds [0, 1]" in text["routing"]
    assert "fresh" not in text["routing"]


def test_verdicts_stand_against_the_baseline_of_the_study(folder):
    study_record.write_study_record(
        folder, changed(study_record.read_study_record(folder), spec={"baseline": "hard_cgt"})
    )
    frontier_stage.write_frontier(folder)
    text = body(stage.write_html(folder, Project(folder)).read_text(), "results")
    named = re.findall(r"<h3>[^<]* <code>(\w+)</code>", text)
    assert named == ["hard_cgt", "single_exit"]


def test_where_the_baseline_failed_there_is_nothing_to_compare(folder):
    record = study_record.read_study_record(folder)
    failed = {"objectives": None, "reason": "diverged"}
    each = tuple(
        c if c.regime == "hard_cgt" else c.model_copy(update=failed) for c in record.configurations
    )
    study_record.write_study_record(folder, record.model_copy(update={"configurations": each}))
    frontier_stage.write_frontier(folder)
    text = body(stage.write_html(folder, Project(folder)).read_text(), "results")
    assert "<strong>Nothing to compare with joint.</strong>" in text
    assert "<h3>" not in text


def test_each_section_is_linked_and_figures_are_there_in_words_too(page):
    links = re.findall(r'<a href="#(\w+)">', page.split("<header>")[0])
    assert links == re.findall(r'<section id="(\w+)"', page)
    for name in ("routing", "attainment", "reliability", "classes"):
        assert re.search(
            rf'<figure id="drawing-{name}"[^>]*>.*?<svg.*?<figcaption>\w', page, re.DOTALL
        )
    assert 'id="drawing-pareto"' not in page


def test_it_carries_the_chart_library_and_the_budgets(page, reported):
    packed = re.search(r'id="plotly">([^<]*)<', page).group(1)
    assert gzip.decompress(base64.b64decode(packed)).decode() == get_plotlyjs()
    data = data_of(page)
    assert data["budgets"] == json.loads((reported.folder / "budgets.json").read_text())
    assert len({exit_["colour"] for exit_ in data["exits"]}) == 2
    kinds = {
        f"{part} {kind}" for part in ("validation", "test") for kind in ("band", "line", "points")
    }
    assert {trace["meta"] for trace in data["frontiers"]["data"]} == kinds
    areas = [regime["hypervolume"] for regime in data["regimes"]]
    assert areas == sorted(areas, reverse=True)
    assert (
        len({(regime["colour"], regime["dash"]) for regime in data["regimes"]}) == len(areas) == 3
    )


def test_each_figure_carries_its_data(page, reported):
    links = re.findall(r'download="([^"]+)" href="data:application/gzip;base64,([^"]+)"', page)
    data = {name: gzip.decompress(base64.b64decode(packed)).decode() for name, packed in links}
    figures = re.findall(r'<figure id="drawing-(\w+)"', page)
    assert {f"made-up-{name}.csv.gz" for name in (*figures, "frontier")} <= set(data)
    stored = pd.read_csv(reported.folder / "frontier.csv")
    found = pd.read_csv(io.StringIO(data["made-up-frontier.csv.gz"]))
    pd.testing.assert_frame_equal(found, stored, rtol=1e-5, check_dtype=False)


def test_both_stages_tell_of_each_step(reported):
    assert len(reported.frontier_steps) == frontier_stage.FRONTIER_STEPS
    seen = reported.frontier_steps + reported.report_steps
    assert len(set(seen)) == len(seen) == frontier_stage.FRONTIER_STEPS + stage.REPORT_STEPS


def test_long_frontiers_are_thinned_evenly_and_keep_their_ends():
    points = pd.DataFrame({"regime": ["a"] * 1000 + ["b"] * 3, "cost": range(1003)})
    kept = _thinned(points, ["regime"])
    long = kept.loc[kept["regime"] == "a", "cost"]
    assert (long.iloc[0], long.iloc[-1], len(long)) == (0, 999, MOST_POINTS)
    assert long.diff().dropna().between(6, 7).all()
    assert kept.loc[kept["regime"] == "b", "cost"].tolist() == [1000, 1001, 1002]


def test_a_section_without_anything_is_left_out(reported, monkeypatch):
    folder, seen = reported.folder, []
    monkeypatch.setattr(stage, "write_report", lambda _, contents: seen.append(contents))
    stage.write_html(folder, Project(folder))
    anchors = [section.anchor for section in sections(seen[0])]
    assert anchors[:3] == ["results", "frontiers", "budgets"]
    assert "map" not in anchors
    assert "gallery" not in anchors
