"""A figure with what it shows in words."""

import textwrap
from dataclasses import dataclass
from typing import TYPE_CHECKING

from harness.report.figures.style import inked

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_SMALL, _CHARACTERS = 7.5, 17
"""Points, and characters of that size to an inch."""


@dataclass(frozen=True)
class Drawing:
    """A figure with what it shows in words.

    Attributes
    ----------
    name
        Of its files, and of its element on a page.
    title
        A heading.
    caption
        What is seen, for those who do not see it too.
    """

    name: str
    title: str
    caption: str
    figure: "Figure"


@inked()
def sign(figure: "Figure", text: str) -> None:
    """Write what the figure rests on below it, in small."""
    width = int(figure.get_figwidth() * _CHARACTERS)
    lines = [figure.get_supxlabel(), *textwrap.wrap(text, width)]
    figure.supxlabel("\n".join(filter(None, lines)), fontsize=_SMALL)
    # Laid out once; each file of it would be laid out anew otherwise, which takes half the time.
    figure.draw_without_rendering()
    figure.set_layout_engine("none")
