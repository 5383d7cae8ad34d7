"""Which columns of a table fit a terminal, and how wide each is at least."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

FRAME, PADDING = 1, 3
"""Characters of a table's left edge, and around each column."""


@dataclass(frozen=True)
class Column:
    """A column that is shown.

    Attributes
    ----------
    head
        The name, over as many lines as spare width.
    width
        The least: that of the longest thing that must not be broken.
    words
        Whether cells may be broken between words: they are text, no names and no numbers.
    """

    name: str
    head: str
    width: int
    words: bool


def fitted(
    columns: Mapping[str, Sequence[str]], room: int
) -> tuple[tuple[Column, ...], tuple[str, ...]]:
    """The columns that fit into `room` characters, and the names of the others.

    The first column stays whatever its width; of the rest the last ones are left out first.

    Parameters
    ----------
    columns
        By name the texts of the cells, the most important column first.
    """
    shown = [_column(name, texts) for name, texts in columns.items()]
    left_out: list[str] = []
    while len(shown) > 1 and _total(shown) > room:
        left_out.insert(0, shown.pop().name)
    # Heads stay on one line where there is room for them.
    whole = [Column(c.name, c.name, max(c.width, len(c.name)), c.words) for c in shown]
    return tuple(whole if _total(whole) <= room else shown), tuple(left_out)


def _column(name: str, texts: Sequence[str]) -> Column:
    words = any(" " in text and not _numeric(text) for text in texts)
    parts = [part for text in texts for part in text.split()] if words else texts
    width = max(map(len, [*name.split(), *parts]), default=0)
    return Column(name, "\n".join(name.split()), width, words)


def _total(columns: Sequence[Column]) -> int:
    return FRAME + sum(column.width + PADDING for column in columns)


def _numeric(text: str) -> bool:
    """Whether a text is a number, alone or with its interval."""
    return text[:1].isdigit() or text[:1] in "-+." or not text
