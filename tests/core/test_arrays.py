import numpy as np
import pytest

from harness.core.arrays import read_arrays
from harness.core.errors import DataError
from tests.damage import WAYS


@pytest.fixture
def path(tmp_path):
    np.savez(tmp_path / "a.npz", x=np.arange(30.0), y=np.arange(3))
    return tmp_path / "a.npz"


def test_what_was_saved_is_read(path):
    found = read_arrays(path, "numbers", "make them", ("x", "y"))
    assert found["x"].tolist() == list(range(30))
    assert found["y"].dtype == np.int64


@pytest.mark.parametrize("way", WAYS)
def test_damage_is_named_with_the_way_out(path, way):
    way(path)
    with pytest.raises(DataError, match=r"^\S*a\.npz: ") as caught:
        read_arrays(path, "numbers", "make them", ("x", "y"))
    assert "make them" in str(caught.value) or "a folder lies in place" in str(caught.value)


def test_a_missing_array_and_text_are_named(path):
    with pytest.raises(DataError, match=r"a.npz: not readable numbers \(no z\); make them"):
        read_arrays(path, "numbers", "make them", ("x", "z"))
    np.savez(path, x=np.array(["text"]))
    with pytest.raises(DataError, match=r"no numbers in x"):
        read_arrays(path, "numbers", "make them")
