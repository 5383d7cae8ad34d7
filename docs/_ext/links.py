"""Links of pages that are read in two places: on the host of the repository, and in the HTML."""

import os
import re
from pathlib import PurePosixPath

_LINK = re.compile(r"(?<=\]\()(?!\w+:|#)([^)#\s]+)(#[^)\s]*)?(?=\))")

PAGES = {
    "CONTRIBUTING.md": "docs/contributing.md",
    "CHANGELOG.md": "docs/changelog.md",
    "benchmarks/RESULTS.md": "docs/benchmarks.md",
    "README.md": "docs/index.md",
}
"""Files above docs/ that are pages, and the pages that they are."""


def relinked(text: str, written: str, page: str) -> str:
    """Markdown whose links are those of another page.

    Parameters
    ----------
    text
        Markdown; links are relative to the file in which they are written.
    written, page
        That file, and the page that shows its text, by their paths in the repository.
    """
    folder = PurePosixPath(page).parent

    def moved(found: re.Match[str]) -> str:
        target = os.path.normpath(PurePosixPath(written).parent / found[1])
        return os.path.relpath(PAGES.get(target, target), folder) + (found[2] or "")

    return _LINK.sub(moved, text)
