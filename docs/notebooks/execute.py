"""Execute the notebooks of this folder, each in a process of its own, and keep what they print.

`python -m docs.notebooks.execute` writes the outputs into the files, or into those that are named
(`own-logits`). A notebook is JSON, and its cells here are plain Python, so that neither Jupyter nor
its kernel is needed.
"""

import ast
import base64
import contextlib
import io
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

FOLDER = Path(__file__).parent
_DPI = 70


def executed(notebook: dict[str, object]) -> dict[str, object]:
    """The notebook with the outputs of its cells, run in order in this process and folder."""
    names: dict[str, object] = {"__name__": "__notebook__"}
    cells, count = [], 0
    for cell in notebook["cells"]:
        if cell["cell_type"] != "code":
            cells.append(cell)
            continue
        count += 1
        outputs = _outputs("".join(cell["source"]), names, count)
        cells.append({**cell, "execution_count": count, "outputs": outputs})
    return {**notebook, "cells": cells}


def _outputs(source: str, names: dict[str, object], count: int) -> list[dict[str, object]]:
    """What a cell prints, and the value of its last line."""
    tree = ast.parse(source)
    last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    value, printed = None, io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(compile(tree, "<cell>", "exec"), names)  # noqa: S102 -- a file of this repository
        if last is not None:
            value = eval(compile(ast.Expression(last.value), "<cell>", "eval"), names)  # noqa: S307
    found: list[dict[str, object]] = []
    if text := printed.getvalue():
        found.append({"output_type": "stream", "name": "stdout", "text": _lines(text)})
    if value is not None:
        shown = {"output_type": "execute_result", "execution_count": count, "metadata": {}}
        found.append({**shown, "data": _shown(value)})
    return found


def _shown(value: object) -> dict[str, object]:
    if hasattr(value, "savefig"):
        image = io.BytesIO()
        value.savefig(image, format="png", dpi=_DPI, facecolor="white")
        return {"image/png": base64.b64encode(image.getvalue()).decode()}
    text = value.to_string() if hasattr(value, "to_string") else repr(value)
    return {"text/plain": _lines(text)}


def _lines(text: str) -> list[str]:
    return text.splitlines(keepends=True)


def run(path: Path, folder: Path) -> dict[str, object]:
    """Execute a notebook in a process of its own, which works in `folder`."""
    code = (
        "import json, sys; from docs.notebooks.execute import executed\n"
        "found = executed(json.load(open(sys.argv[1], encoding='utf-8')))\n"
        "json.dump(found, open(sys.argv[2], 'w', encoding='utf-8'))"
    )
    with tempfile.TemporaryDirectory() as scratch:
        target = Path(scratch) / "executed.json"
        python_path = os.pathsep.join([str(FOLDER.parents[1]), os.environ.get("PYTHONPATH", "")])
        subprocess.run(  # noqa: S603
            [sys.executable, "-c", code, str(path.resolve()), str(target)],
            cwd=folder,
            env={**os.environ, "PYTHONPATH": python_path},
            check=True,
        )
        found: dict[str, object] = json.loads(target.read_text(encoding="utf-8"))
        return found


def main(names: list[str]) -> None:
    """Execute the notebooks of these names, or all, and write their outputs."""
    for path in sorted(FOLDER.glob("*.ipynb")):
        if names and path.stem not in names:
            continue
        with tempfile.TemporaryDirectory() as folder:
            found = run(path, Path(folder))
        path.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
