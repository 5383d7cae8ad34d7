"""The report in a real browser, opened as a user does: from its file, without a network."""

import json
import re

import pytest

from tests.browser.conftest import REGIMES, STUDY

PHONE = {"width": 390, "height": 844}


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


def traces(page):
    return page.locator("#frontier-chart .scatterlayer .trace").count()


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


def test_the_frontiers_show_each_regime_on_validation_then_on_test(opened):
    assert traces(opened) == len(REGIMES)
    opened.get_by_label("both").check()
    opened.wait_for_function(
        "n => document.querySelectorAll('#frontier-chart .scatterlayer .trace').length === n",
        arg=2 * len(REGIMES),
    )
    named = opened.locator("#frontier-chart .legendtext").all_text_contents()
    assert set(named) == set(REGIMES)


def test_hover_shows_trial_thresholds_and_routing(opened):
    chart = opened.locator("#frontier-chart")
    chart.scroll_into_view_if_needed()
    # The cheapest points may lie below the picture, the dearest never do.
    box = chart.locator(".scatterlayer .trace").first.locator(".points path").last.bounding_box()
    opened.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    chart.locator(".hoverlayer .hovertext").wait_for()
    shown = chart.locator(".hoverlayer").text_content()
    assert "trial" in shown
    assert "thresholds" in shown
    assert "routing" in shown


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


def test_a_phone_scrolls_down_only(opened, faults):
    opened.set_viewport_size(PHONE)
    opened.wait_for_timeout(300)
    width = opened.evaluate("document.documentElement.scrollWidth")
    assert width <= PHONE["width"]
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
