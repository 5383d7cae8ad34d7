"""What Sphinx reads and writes otherwise: the text of pages, drawings, stars in docstrings."""

import re
from pathlib import Path

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.typing import ExtensionMetadata

from docs._ext.generated import ROOT, SHOWN, page_text

_ARRAYS = re.compile(r"[~\w.]*_Buffer \| .*?\[(?:\w+ \| )*complex \| bytes \| str\]")


def _read(app: Sphinx, name: str, source: list[str]) -> None:
    """Change the text of a page as it is read."""
    path = Path(app.env.doc2path(name, base=False)).as_posix()
    if path in SHOWN:
        app.env.note_dependency(str(ROOT / SHOWN[path]))
    source[0] = page_text(path, source[0])


def _drawn(app: Sphinx, document: nodes.document, _name: str) -> None:
    """Put the drawings of docs/pictures into the page, so that they take its colours."""
    for image in list(document.findall(nodes.image)):
        uri = image["uri"]
        if not uri.endswith(".svg"):
            continue
        drawing = (Path(app.srcdir) / uri).read_text(encoding="utf-8")
        label = str(image.get("alt", "")).replace('"', "&quot;")
        drawing = drawing.replace("<svg ", f'<svg aria-label="{label}" ', 1)
        image.replace_self(nodes.raw("", f'<div class="picture">{drawing}</div>', format="html"))


def _starred(_app: Sphinx, *parts: object) -> None:
    """Escape the star of `[N, channels, *space]` in docstrings, which begins no emphasis."""
    lines = parts[-1]
    if isinstance(lines, list):
        lines[:] = [re.sub(r"(?<![\\\w*`])\*(?=\w)", r"\*", line) for line in lines]


def _signed(_app: Sphinx, what: str, *parts: object) -> tuple[str, str] | None:
    """Shorten a signature: a plug-in's parameters have tables, and ArrayLike is a union of five."""
    signature, returned = parts[3:5]
    if what == "class" and "FieldInfo(" in str(signature):
        return "", ""
    if what == "function" and _ARRAYS.search(str(signature)):
        return _ARRAYS.sub("ArrayLike", str(signature)), str(returned)
    return None


def setup(app: Sphinx) -> ExtensionMetadata:
    """Register all of it with Sphinx."""
    app.connect("source-read", _read)
    app.connect("autodoc-process-docstring", _starred, priority=600)  # after numpydoc
    app.connect("autodoc-process-signature", _signed)
    app.connect("doctree-resolved", _drawn)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
