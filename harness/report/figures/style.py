"""Style of the figures: lines of regimes, colours of exits and classes, ink, grids of panels."""

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

import numpy as np

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Dash: TypeAlias = Literal["solid", "dash", "dot", "dashdot", "longdash"]

# Okabe and Ito's palette (2008) and a violet. With deuteranopia and protanopia four tones are left:
# blue and violet, vermilion and orange, green and pink, light blue. The two of a tone stand two
# places apart, so that the first thirteen styles of one tone all have dashes of their own.
COLOURS = ("#0072B2", "#D55E00", "#845BA4", "#E69F00", "#009E73", "#56B4E9", "#CC79A7")
_SHAPES: tuple[tuple[Dash, str], ...] = (
    ("solid", "o"),
    ("dash", "s"),
    ("dot", "^"),
    ("dashdot", "v"),
)
"""A dash with the marker that stands for it where there are no lines."""
_PLACES = len(COLOURS) * len(_SHAPES)
"""Seven and four have no common factor: place i is colour i mod 7 with dash i mod 4, each once."""
_KNOWN = (
    "joint", "hard_cgt", "soft_cgt", "disjoint", "mixed", "branch_wise", "separate", "boosted",
    "cgt_official", "distilled", "gradient_equilibrium", "learned_gate", "meta_weighted",
)  # fmt: skip
"""Regimes whose place is fixed by hand, so that they are well apart; any other's by its name."""
# Sixteen, as far apart in Oklab as a search found them, as they are and as seen with deuteranopia
# and protanopia (simulated, Machado et al. 2009); neither pale nor dark, and none grey.
# Each is the one farthest from all before it.
CLASS_COLOURS = (
    "#0F00F0", "#87FF00", "#960000", "#78B4C3", "#B49600", "#8700A5", "#B4F0B4", "#3C87B4",
    "#C3D2FF", "#9696FF", "#F00087", "#5A69FF", "#D21E0F", "#4BD287", "#3C785A", "#693C5A",
)  # fmt: skip
STATIC_REFERENCE = "single_exit"
REFERENCE_COLOUR = "#7A7A7A"
_DARK, _LIGHT, _READABLE = "#101012", "#fafafa", 0.55
INK = "#1b1b1c"
"""Lines and text of a drawing; on a page it becomes the colour of the page's own text."""


@dataclass(frozen=True)
class Style:
    """How a regime is drawn: never by its colour alone."""

    colour: str
    dash: Dash
    marker: str


BASELINE_STYLE = Style(INK, "solid", "o")
STATIC_STYLE = Style(REFERENCE_COLOUR, "longdash", "D")


def styles(regimes: Sequence[str], baseline: str) -> dict[str, Style]:
    """A style for each regime, which follows from its name: the same in every study.

    The baseline is always of the ink of the text, the static reference grey with long dashes, which
    no other has. Where two names without a fixed place share one, the later in the alphabet takes
    the next that is free.
    """
    places = {name: place for place, name in enumerate(_KNOWN)}
    for name in sorted({*regimes} - {*_KNOWN}):
        place = int.from_bytes(hashlib.sha256(name.encode()).digest()[:4]) % _PLACES
        free = (p for p in range(place, place + _PLACES) if p % _PLACES not in places.values())
        places[name] = next(free, place) % _PLACES
    fixed = {baseline: BASELINE_STYLE, STATIC_REFERENCE: STATIC_STYLE}
    return {name: fixed.get(name, _at(places[name])) for name in regimes}


def _at(place: int) -> Style:
    return Style(COLOURS[place % len(COLOURS)], *_SHAPES[place % len(_SHAPES)])


def exit_colours(exits: int) -> tuple[str, ...]:
    """A colour per exit, from light (the first) to dark, on a scale that prints as greys too.

    Visible as a line on white paper and on the dark page; not for text.
    """
    from matplotlib import colormaps, colors

    values = np.linspace(0.8, 0.44, exits) if exits > 1 else [0.6]
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
            "pdf.fonttype": 42,  # whole fonts, which journals ask for, in place of outlines
        }
    ):
        yield
