"""Tables of results as text: for screens, Markdown and papers."""

import re
import textwrap
from collections.abc import Mapping

import pandas as pd

SCORE_NAMES = {"accuracy": "accuracy", "r2": "R²"}
"""Names of scores for people, by their names in tables."""
_LOW, _HIGH = "_low", "_high"
_LATEX = str.maketrans(
    {
        "\\": r"\textbackslash{}",
        "~": r"\textasciitilde{}",
        "^": r"\textasciicircum{}",
        "²": r"\textsuperscript{2}",
        "≥": r"$\geq$",
        "≤": r"$\leq$",
        "·": r"\textperiodcentered{}",
        "†": r"\textdagger{}",
        **{sign: f"\\{sign}" for sign in "&%$#_{}"},
    }
)


def cells(frame: pd.DataFrame, heads: Mapping[str, str]) -> pd.DataFrame:
    """A table as text: four decimals, missing values empty, intervals beside their estimate.

    Parameters
    ----------
    heads
        Names of columns for people; others only lose their underscores.

    Returns
    -------
    Columns x_low and x_high are gone, and x holds "0.5000 [0.4000, 0.6000]".
    """
    found = {}
    for column in map(str, frame):
        if column.removesuffix(_LOW) in frame and column.endswith(_LOW):
            continue
        if column.removesuffix(_HIGH) in frame and column.endswith(_HIGH):
            continue
        text = frame[column].map(cell)
        if f"{column}{_LOW}" in frame:
            low, high = (frame[f"{column}{end}"].map(cell) for end in (_LOW, _HIGH))
            text = (text + " [" + low + ", " + high + "]").where(frame[column].notna(), "")
        found[heads.get(column, column.replace("_", " "))] = text
    return pd.DataFrame(found, index=frame.index)


def cell(value: object) -> str:
    """One value as text: floats with four decimals, missing ones empty.

    Examples
    --------
    >>> cell(0.5), cell(3), cell(float("nan"))
    ('0.5000', '3', '')
    """
    if pd.isna(value):  # type: ignore[call-overload]
        return ""
    return f"{value:.4f}" if isinstance(value, float) else str(value)


def markdown(text: pd.DataFrame, caption: str) -> str:
    """A table of `cells` in Markdown, under its caption; numbers are aligned right."""
    escaped = text.map(_piped).rename(columns=_piped)
    sides = ["right" if right else "left" for right in _numeric(text)]
    # Numbers are text already, with as many decimals as they are to have.
    table = escaped.to_markdown(index=False, colalign=sides, disable_numparse=True)
    return f"{caption}\n\n{table}\n"


def latex(text: pd.DataFrame, caption: str, label: str) -> str:
    """A table of `cells` for a paper: booktabs, made smaller where it is wider than the page.

    Needs the packages booktabs and graphicx.
    """
    right = _numeric(text)
    columns = "".join("r" if each else "l" for each in right)
    heads = [_broken(text[name], each) for name, each in zip(text, right, strict=True)]
    escaped = text.map(_escaped).set_axis(heads, axis=1)
    tabular = escaped.to_latex(index=False, escape=False, column_format=f"@{{}}{columns}@{{}}")
    return rf"""% \usepackage{{booktabs,graphicx}}
\begin{{table*}}[t]
\centering
\caption{{{caption.translate(_LATEX)}}}
\label{{{label}}}
\smallskip\setlength{{\tabcolsep}}{{4pt}}
\resizebox{{\ifdim\width>\textwidth\textwidth\else\width\fi}}{{!}}{{%
{tabular.strip()}}}
\end{{table*}}
"""


def _piped(cell: str) -> str:
    return cell.replace("|", r"\|")


def _escaped(cell: str) -> str:
    """A cell in LaTeX, with minus signs in place of hyphens before digits."""
    return re.sub(r"(?<!\w)-(?=\d)", "$-$", cell.translate(_LATEX))


def _broken(column: pd.Series, right: bool) -> str:
    """A head over as many lines as keep it no wider than its cells, where words allow."""
    head = str(column.name)
    widest = max([*column.map(len), *map(len, head.split(" "))])
    lines = [line.translate(_LATEX) for line in textwrap.wrap(head, widest)]
    side = "r" if right else "l"
    return rf"\shortstack[{side}]{{{(chr(92) * 2).join(lines)}}}" if len(lines) > 1 else lines[0]


def _numeric(text: pd.DataFrame) -> list[bool]:
    """Which columns are numeric: all cells that are not empty begin like a number."""
    return [bool(column.str.match(r"-?\d|$").all()) for _, column in text.items()]
