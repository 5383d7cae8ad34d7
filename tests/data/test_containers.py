import hashlib

import numpy as np
import pytest
import scipy.io

from harness.core.errors import DataError
from harness.data.containers import array_digest, read_container

VALUES = np.arange(24, dtype=np.uint16).reshape(2, 3, 4) * 257


def write(path, values):
    if path.suffix == ".npy":
        np.save(path, values)
    else:
        scipy.io.savemat(path, {"any_name": values})
    return path


@pytest.mark.parametrize("order", ["C", "F"])
@pytest.mark.parametrize("name", ["a.npy", "a.mat"])
def test_an_array_is_the_same_in_every_container(name, order, tmp_path):
    found = read_container(write(tmp_path / name, np.asarray(VALUES, order=order)))
    assert np.array_equal(found, VALUES)
    assert found.dtype == VALUES.dtype
    assert found.flags.c_contiguous
    content = hashlib.sha256(VALUES.tobytes()).hexdigest()
    assert array_digest(found) == f"array:<u2:2x3x4:{content}"


@pytest.mark.parametrize(
    "other",
    [VALUES.reshape(3, 2, 4), VALUES.view("<i2"), VALUES + np.uint16(1)],
    ids=["shape", "type", "content"],
)
def test_the_digest_tells_arrays_apart(other):
    assert array_digest(other) != array_digest(VALUES)


@pytest.mark.parametrize("keep", [0, 5, 100, 150])
@pytest.mark.parametrize("name", ["a.npy", "a.mat"])
def test_a_truncated_file_is_a_clear_error(name, keep, tmp_path):
    path = write(tmp_path / name, VALUES)
    path.write_bytes(path.read_bytes()[:keep])
    with pytest.raises(DataError, match=rf"{name}: not a readable array \("):
        read_container(path)


def test_nothing_is_unpickled(tmp_path):
    np.save(tmp_path / "a.npy", np.array([{}], dtype=object), allow_pickle=True)
    with pytest.raises(DataError, match=r"a\.npy: not a readable array .*Object arrays"):
        read_container(tmp_path / "a.npy")


def test_a_mat_file_of_two_arrays_is_refused(tmp_path):
    scipy.io.savemat(tmp_path / "a.mat", {"one": VALUES, "two": VALUES})
    with pytest.raises(DataError, match=r"a\.mat: .*one array expected, 2 found"):
        read_container(tmp_path / "a.mat")


def test_a_missing_file_says_what_to_do(tmp_path):
    with pytest.raises(DataError, match=r"a\.npy: no such file; do this"):
        read_container(tmp_path / "a.npy", "no such file; do this")
