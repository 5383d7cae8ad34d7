"""Raw inputs: standardised, and cut out of a scene."""

import numpy as np
import pytest

from harness.export.runtime_inputs import RawInputs


@pytest.fixture
def inputs(tmp_path):
    """Makes what turns raw inputs of a shape into network inputs: (x - 1) / 2."""

    def make(*shape, patch=None):
        np.savez(tmp_path / "statistics.npz", mean=np.float32(1), deviation=np.float32(2))
        return RawInputs(tmp_path, {"input_shape": list(shape), "patch": patch})

    return make


def test_raw_inputs_are_standardised(inputs):
    found = inputs(1, 3).standardised(np.array([[[1, 3, 5]]], dtype=np.uint16))
    assert found.dtype == np.float32
    assert found.tolist() == [[[0, 1, 2]]]


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (np.zeros((3, 64)), r"inputs \[N, 1, 8, 8\] expected, found \[3, 64\]"),
        (np.zeros(()), r"expected, found \[\]"),
        ([["a"]], "inputs are no array of numbers"),
    ],
)
def test_other_inputs_are_refused(inputs, raw, message):
    with pytest.raises(ValueError, match=message):
        inputs(1, 8, 8).standardised(raw)


def test_pixels_are_cut_as_spectra_or_patches(inputs):
    cube = np.arange(4 * 5 * 2).reshape(4, 5, 2)
    (spectra,) = inputs(1, 2, patch=1).cut(cube, np.array([[3, 4], [0, 0]]), 10)
    np.testing.assert_array_equal(spectra, [[cube[3, 4]], [cube[0, 0]]])
    first, second = inputs(2, 3, 3, patch=3).cut(cube, np.array([[1, 1], [0, 0]]), 1)
    np.testing.assert_array_equal(first[0], np.moveaxis(cube[:3, :3], -1, 0))
    rows, columns = np.ix_([1, 0, 1], [1, 0, 1])  # reflected at the corner
    np.testing.assert_array_equal(second[0], np.moveaxis(cube[rows, columns], -1, 0))


@pytest.mark.parametrize(
    ("patch", "cube", "position", "message"),
    [
        (None, np.zeros((4, 4, 2)), [0, 0], "the network's inputs are no pixels of a scene"),
        (3, np.zeros((4, 4, 5)), [0, 0], r"a scene \[rows, columns, 2\] expected, found"),
        (3, np.zeros((4, 4)), [0, 0], r"a scene \[rows, columns, 2\] expected, found \[4, 4\]"),
        (3, np.zeros((1, 4, 2)), [0, 0], "larger than half a patch of 3 pixels"),
        (3, np.zeros((4, 4, 2)), [0, 4], "1 positions outside of the scene"),
        (3, np.zeros((4, 4, 2)), [-1, 0], "1 positions outside of the scene"),
    ],
)
def test_what_is_no_such_scene_is_refused(inputs, patch, cube, position, message):
    with pytest.raises(ValueError, match=message):
        list(inputs(2, 3, 3, patch=patch).cut(cube, np.array([position]), 10))
