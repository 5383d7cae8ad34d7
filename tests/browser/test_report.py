"""The report in a real browser, opened as a user does: from its file, without a network."""

import json
import re
import shutil
from pathlib import Path

import pytest

from harness.report.stage import write_html
from harness.results.confirmation import confirmation_folder
from harness.results.recommendation import read_recommendations
from tests.browser.conftest import REGIMES, STUDY


@pytest.fixture(scope="module")
def report(project):
    return project.root.resolve() / "results" / STUDY / "report.html"


@pytest.fixture
def opened(page, report):
    """The report, loaded; its frontiers are drawn."""
    page.goto(report.as_uri())
    page.wait_for_selector("#frontier-chart .scatterlayer .trace")
    return page


def luminance(page, selector, name):
    colour = page.eval_on_selector(selector, f"e => getComputedStyle(e).{name}")
    values = [float(v) for v in re.findall(r"[\d.]+", colour)[:3]]
    scaled = [v / 255 for v in values]
    linear = [v / 12.92 if v <= 0.03928 else ((v + 0.055) / 1.055) ** 2.4 for v in scaled]
    return sum(w * v for w, v in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(page, selector):
    ink = luminance(page, selector, "color")
    paper = luminance(page, "body", "backgroundColor")
    return (max(ink, paper) + 0.05) / (min(ink, paper) + 0.05)


def test_it_is_one_small_file_that_asks_for_nothing(opened, report, faults, outside):
    assert report.stat().st_size < 6e6
    assert outside == []
    assert faults == []
    assert opened.title() == "quickstart-smoke: harness report"


def test_each_link_leads_to_a_section_with_something_in_it(opened):
    links = [a.get_attribute("href") for a in opened.locator("nav a").all()]
    assert {"#results", "#frontiers", "#budgets", "#regimes", "#provenance"} <= set(links)
    for link in links:
        assert len(opened.locator(link).inner_text()) > 25, link


def shown(page):
    """Part and kind of the traces that are seen, with their regimes; one seed has no bands."""
    found = page.evaluate(
        "document.getElementById('frontier-chart').data.filter(t => t.visible)"
        ".map(t => [t.meta, t.legendgroup])"
    )
    return {tuple(each) for each in found}


def ranges(page):
    return page.evaluate(
        "['xaxis', 'yaxis'].map(name => document.getElementById('frontier-chart').layout[name])"
        ".map(axis => [axis.type, ...axis.range])"
    )


def every(kind):
    return {(kind, regime) for regime in REGIMES}


def test_the_frontiers_open_on_test_over_seeds(opened):
    assert shown(opened) == every("test line")
    opened.get_by_label("validation", exact=True).check()
    assert shown(opened) == every("validation line")
    opened.get_by_label("all seeds together").check()
    assert shown(opened) == every("validation points")


def test_the_lines_are_named_at_their_ends_and_in_a_list_of_switches(opened):
    named = opened.locator("#frontier-chart .annotation-text").all_text_contents()
    assert {name.strip("━ ") for name in named} == set(REGIMES)
    switches = opened.locator("#regime-lines label")
    assert {text.split()[0] for text in switches.all_inner_texts()} == set(REGIMES)
    opened.get_by_role("checkbox", name="joint").uncheck()
    assert shown(opened) == {each for each in every("test line") if each[1] != "joint"}
    opened.get_by_role("button", name="all", exact=True).press("Enter")
    assert shown(opened) == every("test line")


def test_the_others_fade_while_one_regime_is_pointed_at(opened):
    opened.get_by_role("checkbox", name="joint").focus()
    faded = opened.evaluate(
        "document.getElementById('frontier-chart').data.filter(t => t.meta === 'test line')"
        ".map(t => [t.legendgroup, t.opacity])"
    )
    assert {name for name, opacity in faded if opacity == 1} == {"joint"}


def test_a_zoom_outlives_a_change_of_part_and_the_axes_stay_whole(opened):
    chart = opened.locator("#frontier-chart")
    chart.scroll_into_view_if_needed()
    before = ranges(opened)
    box = chart.locator(".nsewdrag").first.bounding_box()
    opened.mouse.move(box["x"] + 0.3 * box["width"], box["y"] + 0.2 * box["height"])
    opened.mouse.down()
    opened.mouse.move(box["x"] + 0.7 * box["width"], box["y"] + 0.6 * box["height"], steps=5)
    opened.mouse.up()
    zoomed = ranges(opened)
    assert zoomed != before
    for part in ("validation", "test"):
        opened.get_by_label(part, exact=True).check()
        assert ranges(opened) == zoomed
    opened.get_by_label("logarithmic cost").check()
    (kind, low, high), (_, *score) = ranges(opened)
    assert kind == "log"
    assert low < -0.5 < high < 0.5
    assert score == before[1][1:]
    opened.get_by_label("logarithmic cost").uncheck()
    assert ranges(opened) == before


def test_nothing_of_the_chart_leads_out_of_the_page(opened):
    opened.locator("#frontier-chart").hover()
    titles = opened.locator("#frontier-chart .modebar-btn").evaluate_all(
        "all => all.map(button => button.dataset.title)"
    )
    assert "Download plot" in titles
    assert not [title for title in titles if re.search("share|cloud|plotly", title, re.IGNORECASE)]


def apart(page):
    """Whether no name at a line's end, and no part of the panel, lies below the toolbar."""
    return page.evaluate(
        """() => {
          const chart = document.getElementById('frontier-chart');
          const places = (found) =>
            [...chart.querySelectorAll(found)].map(e => e.getBoundingClientRect());
          const [bar] = places('.modebar');
          return places('.annotation, .nsewdrag').every(
            place => place.top >= bar.bottom || place.left >= bar.right || place.right <= bar.left
          );
        }"""
    )


@pytest.mark.parametrize("width", [390, 1280])
def test_the_toolbar_covers_no_name_and_can_be_seen(opened, width):
    opened.set_viewport_size({"width": width, "height": 844})
    opened.locator("#frontier-chart").hover()
    assert apart(opened)
    # Of lines that end above what is shown the names stand at the very top.
    opened.evaluate("Plotly.relayout('frontier-chart', {'yaxis.range': [0, 0.05]})")
    opened.wait_for_timeout(300)
    assert opened.locator("#frontier-chart .annotation").count() == (0 if width < 900 else 3)
    assert apart(opened)
    icon = "#frontier-chart .modebar-btn path"
    for scheme in ("light", "dark"):
        opened.emulate_media(color_scheme=scheme)
        opened.wait_for_timeout(300)
        drawn, paper = luminance(opened, icon, "fill"), luminance(opened, "body", "backgroundColor")
        assert (max(drawn, paper) + 0.05) / (min(drawn, paper) + 0.05) >= 3


def test_hover_shows_trial_thresholds_and_routing(opened):
    opened.get_by_label("all seeds together").check()
    chart = opened.locator("#frontier-chart")
    chart.scroll_into_view_if_needed()
    # The cheapest points may lie below the picture, the dearest never do.
    box = chart.locator(".scatterlayer .trace").first.locator(".points path").last.bounding_box()
    opened.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    chart.locator(".hoverlayer .hovertext").wait_for()
    words = chart.locator(".hoverlayer").text_content()
    assert "trial" in words
    assert "thresholds" in words
    assert "routing" in words


def test_the_data_of_a_figure_are_saved_as_csv(opened):
    link = opened.locator("#drawing-routing a.download")
    with opened.expect_download() as saved:
        link.click()
    assert saved.value.suggested_filename == f"{STUDY}-routing.csv"
    lines = Path(saved.value.path()).read_text().splitlines()
    assert lines[0] == "regime,exit,share,accuracy,overall"
    assert len(lines) == 1 + 3 * len(REGIMES)


def test_the_budget_slider_chooses_by_keyboard_what_the_table_says(opened):
    data = json.loads(opened.locator("#page-data").text_content())["budgets"]
    slider = opened.locator("#budget")
    opened.locator("#budget-regime").select_option("joint")
    slider.focus()
    slider.press("End")
    assert opened.locator("#budget-words").inner_text().startswith("at most 100.0 %")
    joint = data["regimes"]["joint"]
    point = joint["points"][joint["at"][-1]]
    network = opened.locator("#budget-network").inner_text()
    assert point["key"] in network
    assert f"{point['test']['score']:.4f}" in network
    row = opened.locator("#ranking tr.chosen").inner_text()
    assert row.startswith("joint")
    assert f"{point['test']['score']:.4f}" in row
    cells = opened.locator("#budget-confusion td").all_inner_texts()
    assert [int(c or 0) for c in cells] == point["confusion"]
    slider.press("Home")
    assert opened.locator("#budget-words").inner_text().startswith("at most 5.0 %")


@pytest.fixture(scope="module")
def confirmed(confirmed_study, tmp_path_factory):
    """Folder of a confirmed study with its report."""
    folder = shutil.copytree(confirmed_study.folder, tmp_path_factory.mktemp("fresh") / "tiny")
    write_html(folder, confirmed_study.project)
    return folder


def card(found, budget):
    """Pieces of text that the recommendation's card has for a budget, in their order."""
    if found is None:
        return ["Recommended", "Nothing confirmed is this cheap with every seed."]
    best = found.chosen
    thresholds = [
        f"exit {exit_}: {'never leaves here' if value is None else f'{value:.3f}'}"
        for exit_, value in enumerate(best.thresholds, start=1)
    ]
    said = [
        f"Recommended: {best.regime}",
        f"{best.searched}: training.learning_rate 0.0",
        ", ".join(thresholds) or "none: a static network",
        f"accuracy {interval(best.score, 4)}, cost {interval(best.cost, 3)}",
        ", ".join(f"{100 * share:.1f} %" for share in best.routing),
    ]
    if found.runner_up is not None:
        said.append(f"{found.runner_up.regime}: {interval(found.runner_up.score, 4)}")
        said.append(f"difference {interval(found.difference, 4)}, p ")
        said.append("significant" if found.significant else "not significant")
    return [*said, f"harness export tiny --cost {budget:g}", "Chosen on validation over 3 fresh"]


def interval(mean, digits):
    return f"{mean.mean:.{digits}f} [{mean.low:.{digits}f}, {mean.high:.{digits}f}]"


def test_the_recommendation_moves_with_the_slider_and_is_the_stage_s(page, confirmed, faults):
    written = read_recommendations(confirmation_folder(confirmed))
    page.goto((confirmed / "report.html").as_uri())
    page.wait_for_selector("#frontier-chart .scatterlayer .trace")
    slider, shown, seen = page.locator("#budget"), page.locator("#budget-recommendation"), set()
    slider.focus()
    slider.press("Home")
    for budget, found in zip(written.budgets, written.found, strict=True):
        assert page.locator("#budget-words").inner_text().startswith(f"at most {100 * budget:.1f}")
        text = shown.inner_text()
        places = [text.find(words) for words in card(found, budget)]
        assert -1 not in places, (text, card(found, budget))
        assert places == sorted(places)
        seen.add(text)
        slider.press("ArrowRight")
    assert None in written.found
    assert len(seen) > 2
    # The regime that is looked at changes nothing of what is recommended.
    for regime in ("joint", "mixed"):
        page.locator("#budget-regime").select_option(regime)
        assert shown.inner_text() == text
    assert faults == []


def test_what_is_not_confirmed_has_no_recommendation(opened):
    assert opened.locator("#budget-recommendation").count() == 0
    assert opened.locator("#budget-network").inner_text()


def test_fresh_seeds_have_bands_and_are_said_to_be_fresh(page, confirmed):
    page.goto((confirmed / "report.html").as_uri())
    page.wait_for_selector("#frontier-chart .scatterlayer .trace")
    kinds = ("test line", "test band")
    assert shown(page) == {(kind, regime) for kind in kinds for regime in ("joint", "mixed")}
    results = page.locator("#results").inner_text()
    assert "n = 3 fresh seeds, each with its own split" in results
    assert "What may not be concluded. One search found these configurations" in results


def test_one_drawing_of_a_group_is_shown_and_another_can_be_chosen(opened):
    choice = opened.locator("select.drawings").first
    values = choice.locator("option").evaluate_all("all => all.map(o => o.value)")
    assert len(values) > 1
    shown = [opened.locator(f"#{value}").is_visible() for value in values]
    assert shown == [True] + [False] * (len(values) - 1)
    choice.select_option(values[1])
    assert opened.locator(f"#{values[1]}").is_visible()
    assert not opened.locator(f"#{values[0]}").is_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_is_readable_in_both_themes(page, report, scheme):
    page.emulate_media(color_scheme=scheme)
    page.goto(report.as_uri())
    assert (luminance(page, "body", "backgroundColor") > 0.5) == (scheme == "light")
    for selector in ("body", ".caption", "nav a", "figcaption"):
        assert contrast(page, selector) >= 4.5, selector
    page.get_by_role("button", name="Dark or light").click()
    assert (luminance(page, "body", "backgroundColor") > 0.5) == (scheme == "dark")
    assert contrast(page, "body") >= 4.5


@pytest.mark.parametrize("width", [390, 1400, 1920])
def test_nothing_is_cut_at_any_width(opened, faults, width):
    opened.set_viewport_size({"width": width, "height": 844})
    opened.wait_for_timeout(300)
    assert opened.evaluate("document.documentElement.scrollWidth") <= width
    for place in opened.locator("nav a, #theme").all():
        box = place.bounding_box()
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= width
    confusion = opened.locator("#budget-confusion")
    assert confusion.evaluate("e => e.scrollWidth <= e.clientWidth")
    assert faults == []


def test_without_script_all_figures_and_tables_are_there(browser, report):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(report.as_uri())
    figures = page.locator("figure svg")
    assert figures.count() > 3
    assert all(figure.is_visible() for figure in figures.all())
    assert page.locator("#regimes table").first.is_visible()
    context.close()


def test_everything_that_moves_has_a_name(opened):
    for control in opened.locator("button, select, input").all():
        named = control.evaluate(
            "e => e.labels?.length || e.ariaLabel || e.dataset.title || e.textContent.trim()"
        )
        assert named, control.evaluate("e => e.outerHTML.slice(0, 300)")
    for picture in opened.locator('[role="img"]').all():
        assert picture.get_attribute("aria-label")
