"""The pages that Sphinx does not find as they are: generated ones, notebooks, files above docs/."""

import re
from collections.abc import Callable
from pathlib import Path

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.typing import ExtensionMetadata

from docs._ext.citation import bibtex
from docs._ext.commands import command_reference
from docs._ext.links import PAGES, relinked
from docs._ext.notebooks import notebook_page
from docs._ext.plugins import plugin_reference
from docs._ext.study_file import study_file_reference
from harness.cli.listing import Kind

ROOT = Path(__file__).parents[2]
_MARK = re.compile(r"^<!-- generated: (\w+) -->$", re.MULTILINE)

GENERATED: dict[str, Callable[[], str]] = {
    "citation": bibtex,
    "commands": command_reference,
    "study_file": study_file_reference,
    **{kind.value: lambda kind=kind: plugin_reference(kind) for kind in Kind},
}
"""What stands in the place of `<!-- generated: NAME -->`, by its name."""
_REPOSITORY = {page.removeprefix("docs/"): file for file, page in PAGES.items()}


def page_text(path: str, text: str) -> str:
    """The Markdown of a page, with what is generated in it and with links that hold in the HTML.

    Parameters
    ----------
    path
        The page's, below docs/.
    text
        What its file holds.
    """
    written = f"docs/{path}"
    if path != "index.md" and path in _REPOSITORY:
        written = _REPOSITORY[path]
        text = (ROOT / written).read_text(encoding="utf-8")
    if path.endswith(".ipynb"):
        text = notebook_page(text)
    text = relinked(text, written, f"docs/{path}")
    return _MARK.sub(lambda mark: GENERATED[mark[1]](), text)


def _read(app: Sphinx, name: str, source: list[str]) -> None:
    """Change the text of a page as it is read."""
    path = app.env.doc2path(name, base=False)
    if Path(path).name in _REPOSITORY:
        app.env.note_dependency(str(ROOT / _REPOSITORY[Path(path).name]))
    source[0] = page_text(Path(path).as_posix(), source[0])


def _drawn(app: Sphinx, document: nodes.document, name: str) -> None:
    """Put the drawings of docs/pictures into the page, so that they take its colours."""
    for image in list(document.findall(nodes.image)):
        uri = image["uri"]
        if not uri.endswith(".svg"):
            continue
        drawing = (Path(app.srcdir) / uri).read_text(encoding="utf-8")
        drawing = re.sub(r"^<\?xml.*?\?>\s*", "", drawing)
        label = nodes.Text(image.get("alt", "")).replace('"', "&quot;")
        drawing = drawing.replace("<svg ", f'<svg class="picture" aria-label="{label}" ', 1)
        image.replace_self(nodes.raw("", drawing, format="html"))


def _starred(_app: Sphinx, *parts: object) -> None:
    """Escape the star of `[N, channels, *space]` in docstrings, which begins no emphasis."""
    lines = parts[-1]
    if isinstance(lines, list):
        lines[:] = [re.sub(r"(?<![\\\w*`])\*(?=\w)", r"\*", line) for line in lines]


def setup(app: Sphinx) -> ExtensionMetadata:
    """Register all of it with Sphinx."""
    app.connect("source-read", _read)
    app.connect("autodoc-process-docstring", _starred, priority=600)  # after numpydoc
    app.connect("doctree-resolved", _drawn)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
