"""A figure with its title and caption."""

import textwrap
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from harness.report.figures.style import inked

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_SMALL, _CHARACTERS = 7.5, 17
"""Points, and characters of that size to an inch."""


@dataclass(frozen=True)
class Drawing:
    """A figure with its title and caption.

    Attributes
    ----------
    name
        Of its files, and of its element on a page.
    title
        A heading.
    caption
        What the figure shows, for readers who cannot see it too.
    data
        What it is drawn from, for readers who draw it otherwise.
    """

    name: str
    title: str
    caption: str
    figure: "Figure"
    data: pd.DataFrame


@inked()
def sign(figure: "Figure", text: str) -> None:
    """Write a caption of data and split below the figure, in small print."""
    width = int(figure.get_figwidth() * _CHARACTERS)
    lines = [figure.get_supxlabel(), *textwrap.wrap(text, width)]
    figure.supxlabel("\n".join(filter(None, lines)), fontsize=_SMALL)
    # Laid out once, as otherwise for each file, which takes half the time.
    figure.draw_without_rendering()
    figure.set_layout_engine("none")
