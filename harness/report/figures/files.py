"""A matplotlib drawing as files for papers, and as a part of a page."""

import io
import re
from pathlib import Path
from typing import TYPE_CHECKING

from harness.core.files import atomic_file
from harness.report.figures.style import INK, inked

if TYPE_CHECKING:
    from matplotlib.figure import Figure

KINDS = ("png", "svg")
SLIMMER = (
    (re.compile(r' id="(?:[a-zA-Z0-9.]+_)\d+"'), ""),
    (re.compile(r"<!--.*?-->|<metadata>.*?</metadata>", re.DOTALL), ""),
    # Its rule is for `*`, which on a page is everything; the root hands it down as well.
    (re.compile(r"<defs>\s*<style.*?</style>\s*</defs>", re.DOTALL), ""),
    (re.compile(r"<svg "), '<svg style="stroke-linejoin: round; stroke-linecap: butt" '),
    (re.compile(r"<g/>"), ""),
    (re.compile(r"\n\s+"), "\n"),
)
"""What a drawing has no need of on a page."""
COORDINATES = re.compile(r' (?:d|x|y|points)="[^"]*"|translate\([^)]*\)')
DIGITS = re.compile(r"(\.\d\d)\d+")
"""A hundredth of a point is precise enough, and half the size."""


def save(figure: "Figure", folder: Path, name: str) -> None:
    """Write `<name>.png` (150 dots per inch) and `<name>.svg` on white, atomically."""
    for kind in KINDS:
        with atomic_file(folder / f"{name}.{kind}") as temporary:
            _write(figure, temporary, kind, facecolor="white")


def inline(figure: "Figure", name: str) -> str:
    """The drawing as an `<svg>` element without background, in the colour of the page's text.

    Parameters
    ----------
    name
        Makes the element's internal names its own among the drawings of a page.
    """
    buffer = io.StringIO()
    _write(figure, buffer, "svg", facecolor="none")
    text = buffer.getvalue()
    text = text[text.index("<svg") :]
    for pattern, instead in SLIMMER:
        text = pattern.sub(instead, text)
    text = re.sub(r'(id="|"#|url\(#)', rf"\g<1>{name}-", text)
    text = COORDINATES.sub(lambda found: DIGITS.sub(r"\1", found[0]), text)
    return text.replace(INK, "currentColor")


def _write(figure: "Figure", target: Path | io.StringIO, kind: str, facecolor: str) -> None:
    # Without its date an SVG is the same each time.
    metadata = {"Date": None} if kind == "svg" else None
    with inked():
        if figure.get_layout_engine():  # laid out once: that takes most of the time
            figure.draw_without_rendering()
            figure.set_layout_engine("none")
        figure.savefig(target, format=kind, dpi=150, facecolor=facecolor, metadata=metadata)
