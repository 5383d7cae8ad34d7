"""Every relative link of the pages leads to a file, and to a heading of it."""

import json
import re
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from docs._ext.generated import ROOT, SHOWN, page_text
from docs._ext.links import relinked
from docs._ext.texts import anchor

PAGES = sorted(
    page
    for page in [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
    if "_build" not in page.parts
)
FENCED = re.compile(r"^```.*?^```$", re.M | re.S)
LINK = re.compile(r"\]\((?!\w+:)([^)\s]+)\)|<img src=\"(?!\w+:)([^\"]+)\"")


def name(page):
    return page.relative_to(ROOT).as_posix()


def links(text):
    return [first or second for first, second in LINK.findall(FENCED.sub("", text))]


def anchors(page):
    """The anchors of a page, of what is generated in it too."""
    text = page.read_text(encoding="utf-8")
    if page.is_relative_to(ROOT / "docs"):
        text = page_text(page.relative_to(ROOT / "docs").as_posix(), text)
    titles = re.findall(r"^#+ (.+)$", FENCED.sub("", text), re.M)
    return {anchor(title.replace("`", "")) for title in titles}


def broken(page, text):
    found = []
    for link in links(text):
        path, _, heading = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        if not target.exists() or (heading and heading not in anchors(target)):
            found.append(link)
    return found


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_every_link_leads_somewhere(page):
    assert broken(page, page.read_text(encoding="utf-8")) == []


def test_every_link_holds_in_the_html_too():
    for page, file in SHOWN.items():
        text = page_text(page, "")
        assert links(text) or file == "CHANGELOG.md"
        assert broken(ROOT / "docs" / page, text) == []


def test_a_broken_link_is_seen():
    page, links_ = ROOT / "README.md", ["docs/none", "LICENSE#none", "LICENSE", "https://a.org"]
    assert broken(page, " ".join(f"[x]({each})" for each in links_)) == links_[:2]


def test_links_are_moved_to_the_page_that_shows_them():
    written = "[a](docs/methods.md#gates) [b](LICENSE) [c](#here) [d](https://example.org/x)"
    moved = relinked(written, "CONTRIBUTING.md", "docs/contributing.md")
    assert moved == "[a](methods.md#gates) [b](../LICENSE) [c](#here) [d](https://example.org/x)"
    below = relinked("[a](../../CONTRIBUTING.md#x)", "docs/howto/cite.md", "docs/howto/cite.md")
    assert below == "[a](../contributing.md#x)"


def test_every_page_is_in_the_table_of_contents():
    index = (ROOT / "docs" / "index.md").read_text(encoding="utf-8")
    listed = set(re.findall(r"^[\w/-]+$", index, re.M))
    pages = [*(ROOT / "docs").rglob("*.md"), *(ROOT / "docs").rglob("*.ipynb")]
    below = [page.relative_to(ROOT / "docs") for page in pages if "_build" not in page.parts]
    assert {page.with_suffix("").as_posix() for page in below} - {"index"} == listed


def test_drawings_are_whole_and_load_nothing():
    drawings = list((ROOT / "docs" / "pictures").glob("*.svg"))
    assert len(drawings) >= 4
    for drawing in drawings:
        text = drawing.read_text(encoding="utf-8")
        assert ET.fromstring(text).tag.endswith("svg")  # noqa: S314 -- of this repository
        assert not re.search(r"href=|url\(|@import", text)


def test_a_notebook_is_a_page_with_what_it_printed():
    path = Path("notebooks/own-logits.ipynb")
    source = (ROOT / "docs" / path).read_text(encoding="utf-8")
    page = page_text(path.as_posix(), source)
    cells = json.loads(source)["cells"]
    assert page.count("```python") == sum(cell["cell_type"] == "code" for cell in cells)
    assert "```text\n" in page
    assert '<img alt="Figure" src="data:image/png;base64,' in page
