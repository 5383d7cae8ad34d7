"""A notebook as a page of Markdown: its text, its code, and what it printed when executed."""

import json
import textwrap
from collections.abc import Iterator

_LONG = 160
"""Characters of a line that is wrapped; a table that is printed has fewer."""


def notebook_page(text: str) -> str:
    """Markdown of a notebook's JSON; pictures are part of the page."""
    cells = json.loads(text)["cells"]
    return "\n\n".join(part for cell in cells for part in _parts(cell))


def _parts(cell: dict[str, object]) -> Iterator[str]:
    source = _joined(cell["source"])
    if cell["cell_type"] == "markdown":
        yield source
        return
    yield f"```python\n{source}\n```"
    outputs = cell.get("outputs")
    for output in outputs if isinstance(outputs, list) else []:
        data = output.get("data", {})
        if image := data.get("image/png"):
            encoded = _joined(image).replace("\n", "")
            yield f'<img alt="Figure" src="data:image/png;base64,{encoded}">'
        elif printed := _joined(output.get("text") or data.get("text/plain") or "").rstrip():
            yield f"```text\n{_wrapped(printed)}\n```"


def _wrapped(text: str) -> str:
    """Printed text, with lines of prose that no page can hold wrapped at a space."""
    lines = text.splitlines()
    return "\n".join(textwrap.fill(x, 96) if len(x) > _LONG else x for x in lines)


def _joined(lines: object) -> str:
    return "".join(lines) if isinstance(lines, list) else str(lines)
