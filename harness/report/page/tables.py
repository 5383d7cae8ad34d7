"""Data frames as HTML tables."""

from html import escape

import pandas as pd


def table(frame: pd.DataFrame, title: str, kind: str = "numbers") -> str:
    """A frame as a table that scrolls by itself where the page is narrow.

    Parameters
    ----------
    title
        Its caption.
    kind
        `numbers`, aligned to the right, or `words`.
    """
    named = frame.rename(columns=lambda column: str(column).replace("_", " "))
    text = named.to_html(
        index=False, border=0, float_format="{:.4f}".format, na_rep="", classes=kind
    )
    text = text.replace("<thead>", f"<caption>{escape(title)}</caption><thead>", 1)
    text = text.replace("<th>", '<th scope="col">')
    return (
        f'<div class="scroll" tabindex="0" role="group" aria-label="{escape(title)}">{text}</div>'
    )
