"""Style of the figures: colours of regimes, exits and classes, ink, grids of panels."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# Okabe and Ito's palette (2008), distinct with every common colour blindness.
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#7A5195", "#8C6D1F")
# Sixteen, as far apart in Oklab as a search found them, as they are and as seen with deuteranopia
# and protanopia (simulated, Machado et al. 2009); neither pale nor dark, and none grey.
# Each is the one farthest from all before it.
CLASS_COLOURS = (
    "#0F00F0", "#87FF00", "#960000", "#78B4C3", "#B49600", "#8700A5", "#B4F0B4", "#3C87B4",
    "#C3D2FF", "#9696FF", "#F00087", "#5A69FF", "#D21E0F", "#4BD287", "#3C785A", "#693C5A",
)  # fmt: skip
STATIC_REFERENCE = "single_exit"
REFERENCE_COLOUR = "#6B6B6B"
_DARK, _LIGHT, _READABLE = "#101012", "#fafafa", 0.55
INK = "#1b1b1c"
"""Lines and text of a drawing; on a page it becomes the colour of the page's own text."""


@dataclass(frozen=True)
class Style:
    """Style of a regime: its colour, and whether its line is dotted."""

    colour: str
    dotted: bool


def styles(regimes: Sequence[str]) -> dict[str, Style]:
    """A style for each regime: solid lines first, then the same colours dotted.

    The static reference is grey.
    """
    others = [regime for regime in regimes if regime != STATIC_REFERENCE]
    found = {
        name: Style(COLOURS[index % len(COLOURS)], dotted=index // len(COLOURS) % 2 == 1)
        for index, name in enumerate(others)
    }
    return found | {STATIC_REFERENCE: Style(REFERENCE_COLOUR, dotted=False)}


def exit_colours(exits: int) -> tuple[str, ...]:
    """A colour per exit, from light (the first) to dark, on a scale that prints as greys too."""
    from matplotlib import colormaps, colors

    values = np.linspace(0.82, 0.36, exits) if exits > 1 else [0.6]
    return tuple(colors.to_hex(colormaps["plasma"](value)) for value in values)


def class_colours(classes: int) -> tuple[str, ...]:
    """A colour per class; past sixteen they begin again."""
    return tuple(CLASS_COLOURS[index % len(CLASS_COLOURS)] for index in range(classes))


def on(colour: str) -> str:
    """Text colour on a filled patch: light or dark, whichever is more legible."""
    from matplotlib import colors

    red, green, blue = colors.to_rgb(colour)
    return _DARK if 0.299 * red + 0.587 * green + 0.114 * blue > _READABLE else _LIGHT


def panel_grid(
    figure: "Figure", count: int, columns: int = 5, shared_y: bool = True
) -> "list[Axes]":
    """So many panels in rows, with few cells left empty; their x axes are one.

    The figure is made 2.2 inches wide and 2.1 high per panel.
    """
    rows = -(-count // columns)
    wide = -(-count // rows)
    figure.set_size_inches(2.2 * wide + 0.8, 2.1 * rows + 0.9)
    panels = figure.subplots(rows, wide, sharex=True, sharey=shared_y, squeeze=False).ravel()
    for panel in panels[count:]:
        panel.remove()
    for panel in panels[max(count - wide, 0) : count]:
        panel.tick_params(labelbottom=True)
    for panel in panels[:count]:
        panel.tick_params(labelsize=8)
        panel.grid(alpha=0.2)
    return list(panels[:count])


@contextmanager
def inked() -> Iterator[None]:
    """Within the block matplotlib draws in INK, with text as text."""
    import matplotlib as mpl

    with mpl.rc_context(
        {
            "text.color": INK,
            "axes.labelcolor": INK,
            "axes.edgecolor": INK,
            "xtick.color": INK,
            "ytick.color": INK,
            "axes.facecolor": "none",
            "axes.spines.top": False,
            "axes.spines.right": False,
            "font.sans-serif": ["DejaVu Sans"],  # the whole list goes with each text of an SVG
            "svg.fonttype": "none",
        }
    ):
        yield
