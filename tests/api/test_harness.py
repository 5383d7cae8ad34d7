"""`import harness` is light, and gives the public names."""

import subprocess
import sys
from pathlib import Path

import pytest

import harness

HEAVY = ("torch", "mlflow", "pandas", "numpy", "optuna", "matplotlib", "plotly", "pydantic")


def test_the_import_loads_nothing_heavy():
    code = f"import sys, harness; print([m for m in {HEAVY} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_frontier_of_own_logits_needs_neither_torch_nor_mlflow():
    code = (
        "import sys, harness\n"
        "harness.frontier_of([[[1, 0], [0, 1]], [[1, 0], [0, 1]]], [0, 1], [1, 2])\n"
        "print([m for m in ('torch', 'mlflow', 'optuna') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("name", harness.__all__)
def test_every_public_name_is_there_and_documented(name):
    assert name in dir(harness)
    found = getattr(harness, name)
    assert found.__module__.startswith(("harness.api.", "harness.core.errors"))
    assert found.__doc__


def test_an_unknown_name_is_no_attribute():
    with pytest.raises(AttributeError, match="module 'harness' has no attribute 'nothing'"):
        harness.nothing  # noqa: B018


def test_the_package_says_that_it_is_typed():
    assert (Path(harness.__file__).parent / "py.typed").is_file()
