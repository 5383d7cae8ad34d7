"""Which columns of a table fit a terminal, and how wide each is; no name and no number is broken.

The least width of a column is that of the longest thing in it that must stay whole: a cell, or of
text a word. Where the columns do not fit at their least, those on the right are left out. What
width is then to spare goes to text and to heads, which are broken between words only.
"""

import re
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

FRAME, PADDING = 1, 3
"""Characters of a table's left edge, and around each column."""

_NUMBER = re.compile(r"([-+]?\d[\d.,:%]*†?)?( ?\[.*\])?")
"""A number with or without its interval, a list of numbers, or nothing."""


@dataclass(frozen=True)
class Column:
    """A column of a table.

    Attributes
    ----------
    width
        In characters.
    natural
        Width at which neither the head nor a cell needs more than one line.
    numeric
        Whether it holds numbers alone.
    text
        Whether cells may be broken, between words: they are sentences or lists of names.
    """

    name: str
    width: int
    natural: int
    numeric: bool
    text: bool

    @property
    def head(self) -> str:
        """The name, over as many lines as the width asks for."""
        return "\n".join(_lines(self.name, self.width))


def fitted(
    columns: Mapping[str, Sequence[str]], width: int
) -> tuple[tuple[Column, ...], tuple[str, ...]]:
    """The columns that fit into `width` characters, and the names of the others.

    The first column stays whatever its width; of the rest the last ones are left out first.

    Parameters
    ----------
    columns
        By name the texts of the cells, the most important column first.
    """
    shown = [_narrow(name, texts) for name, texts in columns.items()]
    left_out: list[str] = []
    while len(shown) > 1 and total_width(shown) > width:
        left_out.insert(0, shown.pop().name)
    return _widened(shown, width - total_width(shown)), tuple(left_out)


def total_width(columns: Sequence[Column]) -> int:
    """Width of a table of these columns, its frame included."""
    return FRAME + sum(column.width + PADDING for column in columns)


def wrapped(text: str, width: int) -> str:
    """A paragraph over lines of at most `width` characters, broken between words only."""
    return "\n".join(_lines(text, width))


def _narrow(name: str, texts: Sequence[str]) -> Column:
    """A column at its least width."""
    numeric = all(map(_NUMBER.fullmatch, texts)) and any(texts)
    text = not numeric and any(" " in each and not _NUMBER.fullmatch(each) for each in texts)
    whole = [part for each in texts for part in each.split()] if text else texts
    return Column(
        name=name,
        width=max(map(len, [*name.split(), *whole]), default=0),
        natural=max(map(len, [name, *texts])),
        numeric=numeric,
        text=text,
    )


def _widened(columns: Sequence[Column], spare: int) -> tuple[Column, ...]:
    """Give width to spare to the columns that lack most of theirs, a character at a time."""
    found = list(columns)
    for _ in range(spare):
        lacking = [index for index, column in enumerate(found) if column.width < column.natural]
        if not lacking:
            break
        index = min(lacking, key=lambda index: found[index].width / found[index].natural)
        found[index] = replace(found[index], width=found[index].width + 1)
    return tuple(found)


def _lines(text: str, width: int) -> list[str]:
    return textwrap.wrap(text, width, break_long_words=False, break_on_hyphens=False)
