"""Quotes of figures on other pages, kept as they were measured.

A quote is a link to the page of results whose title is the figure's name:
`[4,260](benchmarks/RESULTS.md "10^6 threshold vectors: times as fast as one by one")`.
"""

import re
from collections.abc import Sequence
from pathlib import Path

from benchmarks.suite.figure import number
from benchmarks.suite.measured import Measured

PAGES = ("README.md", "docs/howto/compare.md", "docs/howto/studies.md")
"""The pages that quote figures."""
_QUOTE = re.compile(
    r'\[(?P<value>[^\]]*)\](?P<link>\((?:\.\./)*benchmarks(?:\.md|/RESULTS\.md)\s+"(?P<name>[^"]+)"\))'
)


def quotes(text: str) -> tuple[tuple[str, str], ...]:
    """The quoted values of a page, each with its figure's name."""
    return tuple((each["value"], _in_one_line(each["name"])) for each in _QUOTE.finditer(text))


def requoted(text: str, found: Sequence[Measured]) -> str:
    """A page whose quotes say what was measured; what was not stays as it is."""
    values = measured_values(found)

    def renew(quote: re.Match[str]) -> str:
        value = values.get(_in_one_line(quote["name"]), quote["value"])
        return f"[{value}]{quote['link']}"

    return _QUOTE.sub(renew, text)


def measured_values(found: Sequence[Measured]) -> dict[str, str]:
    """The value of each figure as it is quoted, by the figure's name."""
    every = (figure for each in found for figure in each.figures)
    return {figure.name: number(figure.value) for figure in every if not figure.missing}


def rewritten(root: Path, found: Sequence[Measured]) -> dict[Path, str]:
    """The pages that must change, with their new text."""
    texts = {root / page: (root / page).read_text(encoding="utf-8") for page in PAGES}
    renewed = {path: requoted(text, found) for path, text in texts.items()}
    return {path: text for path, text in renewed.items() if text != texts[path]}


def _in_one_line(name: str) -> str:
    return " ".join(name.split())
