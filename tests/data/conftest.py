"""What the tests of data sets share."""

from pathlib import Path

import pytest

from harness.data.fetch import fetch_files


@pytest.fixture(scope="session")
def indian_pines(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder with the raw files of Indian Pines, out of the package that holds them."""
    raw = tmp_path_factory.mktemp("raw")
    fetch_files("indian_pines", raw, None, lambda *_: None)
    return raw / "indian_pines"
