"""Several studies on one page in a real browser, opened from its file, without a network."""

import gzip
import io
import shutil
from pathlib import Path

import pandas as pd
import pytest

from harness.report.side_by_side import write_side_by_side
from tests.browser.conftest import REGIMES, STUDY
from tests.browser.test_report import contrast, luminance

WIDTHS = (390, 768, 1400)


@pytest.fixture(scope="module")
def side_by_side(project, confirmed_study, tmp_path_factory):
    """Page of a study that is searched alone and of one that is confirmed."""
    target = tmp_path_factory.mktemp("side-by-side")
    confirmed = shutil.copytree(confirmed_study.folder, target / "tiny")
    return write_side_by_side([project.root.resolve() / "results" / STUDY, confirmed], target)


@pytest.fixture
def opened(page, side_by_side):
    page.goto(side_by_side.as_uri())
    return page


def test_it_opens_without_a_network_and_without_a_fault(opened, faults, outside):
    assert opened.title() == f"{STUDY}, tiny: harness report, side by side"
    for link in opened.locator("nav a").all():
        assert len(opened.locator(link.get_attribute("href")).inner_text()) > 25
    assert (faults, outside) == ([], [])


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", WIDTHS)
def test_nothing_is_cut_at_any_width_in_either_theme(page, side_by_side, width, scheme):
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": width, "height": 844})
    page.goto(side_by_side.as_uri())
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    # What is wider scrolls by itself, and does so by keyboard, too.
    beyond = page.evaluate(
        "[...document.querySelectorAll('main *, header *, nav *')]"
        f".filter(e => !e.closest('.scroll') && e.getBoundingClientRect().right > {width} + 0.5)"
        ".map(e => e.outerHTML.slice(0, 200))"
    )
    assert beyond == []
    for place in page.locator(".scroll").all():
        assert place.get_attribute("tabindex") == "0"
        assert place.get_attribute("aria-label")
    assert (luminance(page, "body", "backgroundColor") > 0.5) == (scheme == "light")
    for selector in ("body", ".caption", ".note", "nav a", "figcaption"):
        assert contrast(page, selector) >= 4.5, selector


def test_columns_stand_beside_each_other_and_on_a_phone_below(opened):
    for width, beside in ((1400, True), (768, True), (390, False)):
        opened.set_viewport_size({"width": width, "height": 844})
        for anchor in ("results", "frontiers", "budgets"):
            first, second = (c.bounding_box() for c in opened.locator(f"#{anchor} .card").all())
            assert (first["y"] == second["y"]) == beside
            assert (first["x"] == second["x"]) != beside


def test_the_theme_changes_by_keyboard_and_pictures_with_it(opened):
    tick = f'[id="drawing-pareto-{STUDY}"] svg text'
    before = luminance(opened, tick, "fill")
    opened.get_by_role("button", name="Dark or light").press("Enter")
    assert (luminance(opened, tick, "fill") > 0.5) != (before > 0.5)


def test_the_keyboard_reaches_the_content_and_each_section(opened):
    opened.keyboard.press("Tab")
    assert opened.evaluate("document.activeElement.className") == "skip"
    for link in opened.locator("nav a").all():
        opened.keyboard.press("Tab")
        assert opened.evaluate("document.activeElement.hash") == link.get_attribute("href")


def test_data_are_saved_as_csv_with_script_and_gzipped_without(opened, browser, side_by_side):
    with opened.expect_download() as saved:
        opened.locator("#gains a.download").click()
    assert saved.value.suggested_filename == f"{STUDY}+tiny-regimes.csv"
    found = pd.read_csv(Path(saved.value.path()))
    assert set(found["regime"]) == {*REGIMES, "mixed"}
    context = browser.new_context(java_script_enabled=False)
    bare = context.new_page()
    bare.goto(side_by_side.as_uri())
    assert all(figure.is_visible() for figure in bare.locator("figure svg").all())
    with bare.expect_download() as saved:
        bare.locator("#gains a.download").click()
    packed = Path(saved.value.path()).read_bytes()
    pd.testing.assert_frame_equal(pd.read_csv(io.BytesIO(gzip.decompress(packed))), found)
    context.close()
