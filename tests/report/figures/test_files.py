"""Drawings as files and as parts of a page."""

import re
import xml.etree.ElementTree as ET

import pytest
from matplotlib.figure import Figure
from PIL import Image

from harness.report.figures.files import inline, save
from harness.report.figures.style import INK, inked


@pytest.fixture
def drawing():
    with inked():
        figure = Figure(figsize=(3, 2))
        panel = figure.subplots()
        panel.plot([0, 1], [0, 1], color="#0072B2", label="joint")
        panel.set_xlabel("cost & more")
        panel.legend()
        yield figure


def test_files_for_papers_are_on_white_and_the_same_each_time(drawing, tmp_path):
    save(drawing, tmp_path, "lines")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["lines.pdf", "lines.png", "lines.svg"]
    assert (tmp_path / "lines.png").read_bytes().startswith(b"\x89PNG")
    text = (tmp_path / "lines.svg").read_text()
    assert "#ffffff" in text
    assert INK in text
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    save(drawing, tmp_path, "lines")
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_files_for_papers_have_300_dots_per_inch_and_whole_fonts(drawing, tmp_path):
    save(drawing, tmp_path, "lines")
    assert Image.open(tmp_path / "lines.png").size == (900, 600)
    written = (tmp_path / "lines.pdf").read_bytes()
    assert b"/Type /FontDescriptor" in written
    assert b"/FontFile2" in written
    assert b"/Subtype /Type3" not in written


def test_on_a_page_it_takes_the_pages_ink_and_keeps_its_names_to_itself(drawing):
    first, second = inline(drawing, "first"), inline(drawing, "second")
    assert first.startswith("<svg")
    assert "currentColor" in first
    assert INK not in first
    assert "#0072b2" in first
    assert "cost &amp; more" in first
    names = set(re.findall(r'id="([^"]+)"', first))
    assert names
    assert not names & set(re.findall(r'id="([^"]+)"', second))
    used = set(re.findall(r'(?:href="#|url\(#)([^")]+)', first))
    assert used <= names
    ET.fromstring(first)  # noqa: S314 -- our own text: it is well formed
