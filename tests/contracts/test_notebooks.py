"""The notebooks of docs/notebooks run from an empty folder, and hold what they printed."""

import json

import pytest

from docs.notebooks.execute import run
from tests.conftest import REPOSITORY

NOTEBOOKS = sorted((REPOSITORY / "docs" / "notebooks").glob("*.ipynb"))


def cells_of(notebook):
    return [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]


def names(path):
    return path.stem


@pytest.mark.parametrize("path", NOTEBOOKS, ids=names)
def test_a_notebook_is_kept_as_it_was_executed_in_order(path):
    cells = cells_of(json.loads(path.read_text(encoding="utf-8")))
    assert [cell["execution_count"] for cell in cells] == list(range(1, len(cells) + 1))
    assert sum(bool(cell["outputs"]) for cell in cells) > len(cells) / 2
    assert not any(o["output_type"] == "error" for cell in cells for o in cell["outputs"])
    assert path.stat().st_size < 300_000


def test_there_are_notebooks():
    assert {"own-logits", "compare-regimes"} <= set(map(names, NOTEBOOKS))


@pytest.mark.job
@pytest.mark.parametrize("path", NOTEBOOKS, ids=names)
def test_a_notebook_runs_from_an_empty_folder(path, tmp_path):
    found = run(path, tmp_path)
    kept = json.loads(path.read_text(encoding="utf-8"))
    assert [len(cell["outputs"]) for cell in cells_of(found)] == [
        len(cell["outputs"]) for cell in cells_of(kept)
    ]
    assert list((tmp_path / "results").glob("*/report.html"))
