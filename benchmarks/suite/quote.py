"""Quotes of figures in the README: rows of a table between two marks, as they were measured."""

import re
from collections.abc import Mapping, Sequence

from benchmarks.suite.measured import Measured
from benchmarks.suite.page import row

_BLOCK = re.compile(r"(<!-- figures -->\n)(.*?)(<!-- end of figures -->)", re.DOTALL)
_ROW = re.compile(r"^\| ([^|]+) \| [^|]* \| [^|]* \|$", re.MULTILINE)


def requoted(text: str, found: Sequence[Measured]) -> str:
    """A text whose quoted rows `| figure | value | spread |` say what was measured.

    A row of another name (a table's head) stays as it is.
    """
    cells = {figure.name: row(figure)[:3] for each in found for figure in each.figures}
    return _BLOCK.sub(lambda block: block[1] + _renewed(block[2], cells) + block[3], text)


def _renewed(rows: str, cells: Mapping[str, Sequence[str]]) -> str:
    def renew(line: re.Match[str]) -> str:
        return f"| {' | '.join(cells[line[1]])} |" if line[1] in cells else line[0]

    return _ROW.sub(renew, rows)
