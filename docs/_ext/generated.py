"""The text of the pages: what is generated in them, notebooks, and files above docs/."""

import re
from collections.abc import Callable
from functools import partial
from pathlib import Path

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
    **{kind.value: partial(plugin_reference, kind) for kind in Kind},
}
"""What stands in the place of `<!-- generated: NAME -->`, by its name."""
SHOWN = {
    page.removeprefix("docs/"): file for file, page in PAGES.items() if page != "docs/index.md"
}
"""Pages below docs/ that show a file above it."""


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
    if path in SHOWN:
        written = SHOWN[path]
        text = (ROOT / written).read_text(encoding="utf-8")
    if path.endswith(".ipynb"):
        text = notebook_page(text)
    text = relinked(text, written, f"docs/{path}")
    return _MARK.sub(lambda mark: GENERATED[mark[1]](), text)
