"""A matplotlib figure as PNG, SVG and PDF files, and as an `<svg>` element of a page."""

import io
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree import ElementTree

from harness.core.files import atomic_file
from harness.report.figures.style import INK, inked

if TYPE_CHECKING:
    from matplotlib.figure import Figure

DPI = 300
_FORMATS = ("png", "svg", "pdf")
_SVG = "http://www.w3.org/2000/svg"
_NO_METADATA = {
    "svg": dict.fromkeys(("Creator", "Date", "Format", "Type")),
    "pdf": dict.fromkeys(("Creator", "CreationDate", "Producer")),
}
"""With a date in it, a file would differ each time."""
ElementTree.register_namespace("", _SVG)
ElementTree.register_namespace("xlink", "http://www.w3.org/1999/xlink")


def save(figure: "Figure", folder: Path, name: str) -> None:
    """Write `<name>.png` (300 dots per inch), `.svg` and `.pdf` on white, atomically."""
    for form in _FORMATS:
        with atomic_file(folder / f"{name}.{form}") as temporary:
            _write(figure, temporary, form, "white", name)


def inline(figure: "Figure", name: str) -> str:
    """The drawing as an `<svg>` element without background, in the colour of the page's text.

    The page's text is light in the dark theme, so INK becomes `currentColor`.

    Parameters
    ----------
    name
        Makes the element's internal names unique among the drawings of a page.
    """
    buffer = io.StringIO()
    _write(figure, buffer, "svg", "none", name)
    root = ElementTree.fromstring(buffer.getvalue())  # noqa: S314 -- written by matplotlib
    # Groups are numbered alike in every drawing, and nothing refers to them.
    for group in root.iter(f"{{{_SVG}}}g"):
        group.attrib.pop("id", None)
    # The first element is a style sheet with a rule for `*`, which on a page is everything.
    root.remove(root[0])
    root.set("style", "stroke-linejoin: round; stroke-linecap: butt")
    ElementTree.indent(root, space="")  # saves a fourteenth of the drawing
    return ElementTree.tostring(root, encoding="unicode").replace(INK, "currentColor")


def _write(
    figure: "Figure", target: Path | io.StringIO, form: str, facecolor: str, name: str
) -> None:
    import matplotlib as mpl

    # The salt enters the names of clip paths, markers and images.
    with inked(), mpl.rc_context({"svg.hashsalt": name}):
        if figure.get_layout_engine():  # laid out once: that takes most of the time
            figure.draw_without_rendering()
            figure.set_layout_engine("none")
        figure.savefig(
            target, format=form, dpi=DPI, facecolor=facecolor, metadata=_NO_METADATA.get(form)
        )
