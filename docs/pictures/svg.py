"""Pieces of drawings whose colours follow the page: light and dark, inside the HTML or alone."""

import html
from collections.abc import Iterable, Sequence

EXITS = ("#1f9e89", "#d98a00", "#b5507f")
"""Colours of exits 1, 2 and 3, legible on light and on dark."""
WRONG = "#e08a2b"

# The theme's variables where the drawing is part of a page, else the reader's own preference.
_STYLE = """
:root { --pic-ink: #22272e; --pic-soft: #5c6773; --pic-line: #c4ccd4; --pic-fill: #f4f6f8; }
@media (prefers-color-scheme: dark) {
  :root { --pic-ink: #dfe5eb; --pic-soft: #9aa7b4; --pic-line: #4a545f; --pic-fill: #1c2229; }
}
.pic-ink { fill: var(--color-foreground-primary, var(--pic-ink)); }
.pic-soft { fill: var(--color-foreground-secondary, var(--pic-soft)); }
.pic-box { fill: var(--color-background-secondary, var(--pic-fill));
  stroke: var(--color-foreground-border, var(--pic-line)); }
.pic-line { fill: none; stroke: var(--color-foreground-secondary, var(--pic-soft)); }
.pic-mark { stroke: var(--color-foreground-primary, var(--pic-ink)); }
""".strip()

Point = tuple[float, float]


def drawing(width: int, height: int, parts: Iterable[str], title: str, top: int = 0) -> str:
    """A whole drawing, as the text of a file, which shows what lies below `top`."""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 {top} {width} {height - top}" '
        'role="img" font-family="system-ui, sans-serif" font-size="14">\n'
        f"<title>{html.escape(title)}</title>\n<style>\n{_STYLE}\n</style>\n"
        + "\n".join(parts)
        + "\n</svg>\n"
    )


def text(at: Point, words: str, *, kind: str = "ink", anchor: str = "middle", **more: str) -> str:
    """A line of text; `more` are further attributes."""
    extra = "".join(f' {name.replace("_", "-")}="{value}"' for name, value in more.items())
    where = f'x="{at[0]:.1f}" y="{at[1]:.1f}" text-anchor="{anchor}"'
    return f'<text class="pic-{kind}" {where}{extra}>{html.escape(words)}</text>'


def lines(at: Point, words: Sequence[str], *, kind: str = "ink", anchor: str = "middle") -> str:
    """Several lines of text, one below the other."""
    found = ((at[0], at[1] + 18 * index) for index in range(len(words)))
    return "\n".join(
        text(where, line, kind=kind, anchor=anchor)
        for where, line in zip(found, words, strict=True)
    )


def box(corner: Point, width: float, height: float, stroke: str = "", dashed: bool = False) -> str:
    """A rounded box; by default with the border of the page."""
    style = f' style="stroke: {stroke}; stroke-width: 2"' if stroke else ""
    dash = ' stroke-dasharray="5 4"' if dashed else ""
    return (
        f'<rect class="pic-box" x="{corner[0]:.1f}" y="{corner[1]:.1f}" width="{width:.1f}" '
        f'height="{height:.1f}" rx="6"{style}{dash}/>'
    )


def bar(corner: Point, width: float, height: float, colour: str) -> str:
    """A filled rectangle."""
    return (
        f'<rect x="{corner[0]:.1f}" y="{corner[1]:.1f}" width="{width:.1f}" '
        f'height="{max(height, 0):.1f}" fill="{colour}"/>'
    )


def path(points: Sequence[Point], kind: str = "line", **more: str) -> str:
    """Straight lines through points."""
    steps = " L".join(f"{x:.1f} {y:.1f}" for x, y in points)
    extra = "".join(f' {name.replace("_", "-")}="{value}"' for name, value in more.items())
    return f'<path class="pic-{kind}" d="M{steps}"{extra}/>'


def arrow(begin: Point, end: Point, colour: str = "") -> str:
    """A straight arrow, along one of the axes."""
    (x0, y0), (x1, y1) = begin, end
    along = (1 if x1 > x0 else -1, 0) if y0 == y1 else (0, 1 if y1 > y0 else -1)
    back = (x1 - 8 * along[0], y1 - 8 * along[1])
    side = (4 * along[1], 4 * along[0])
    head = [(back[0] + side[0], back[1] + side[1]), end, (back[0] - side[0], back[1] - side[1])]
    style = f"stroke: {colour}; " if colour else ""
    shaft = path([begin, end], style=style + "stroke-width: 1.6")
    return shaft + path(head, style=style + "stroke-width: 1.6")


def dots(points: Iterable[Point], colour: str, size: float, opacity: float = 1) -> str:
    """Round dots, as one path."""
    moves = "".join(f"M{x:.1f} {y:.1f}h0" for x, y in points)
    return (
        f'<path d="{moves}" fill="none" stroke="{colour}" stroke-width="{size}" '
        f'stroke-linecap="round" stroke-opacity="{opacity}"/>'
    )
