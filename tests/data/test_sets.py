"""Every data set read from its real files, and what damaged ones give."""

import shutil

import numpy as np
import pytest

from harness.core.errors import DataError, InputError
from harness.data.sets.diabetes import Diabetes
from harness.data.sets.fashion_mnist import FashionMNIST
from harness.data.sets.indian_pines import IndianPines
from harness.data.sets.indian_pines_bands import IndianPinesBands
from harness.data.splits import SplitIndices


@pytest.fixture(scope="module")
def scene(indian_pines):
    return IndianPines().read(indian_pines)


def test_indian_pines_as_published(scene):
    assert scene.values.shape == (145, 145, 200)
    assert len(scene.labels) == 10_249
    assert np.bincount(scene.labels).tolist() == [
        46, 1428, 830, 237, 483, 730, 28, 478, 20, 972, 2455, 593, 205, 1265, 386, 93,
    ]  # fmt: skip


def test_spectra_and_the_middles_of_patches_agree(scene):
    indices = SplitIndices(np.arange(0, 900), np.arange(900, 950), np.arange(950, 999))
    spectra = IndianPines(patch=1).inputs(scene, indices)
    patches = IndianPines(patch=5).inputs(scene, indices)
    assert spectra.train.inputs.shape == (900, 1, 200)
    assert patches.train.inputs.shape == (900, 200, 5, 5)
    assert np.array_equal(patches.test.inputs[:, :, 2, 2], spectra.test.inputs[:, 0])
    row, column = scene.positions[905]
    beside = spectra.validation.inputs[5, 0] - patches.validation.inputs[5, :, 2, 3]
    difference = scene.values[row, column].astype(float) - scene.values[row, column + 1]
    assert np.array_equal(np.sign(beside.round(4)), np.sign(difference))


def test_bands_are_standardised_on_training_pixels_only(scene):
    indices = SplitIndices(np.arange(0, 900), np.arange(900, 950), np.arange(950, 999))
    train = IndianPines().inputs(scene, indices).train.inputs
    assert np.abs(train.mean((0, 1))).max() < 1e-4
    assert np.abs(train.std((0, 1)) - 1).max() < 1e-3


def test_an_even_patch_is_refused():
    with pytest.raises(InputError, match="patch must be odd, found 4"):
        IndianPines(patch=4)


@pytest.mark.parametrize("file", [0, 1])
def test_a_scene_of_another_shape_is_a_clear_error(file, indian_pines, tmp_path):
    folder = shutil.copytree(indian_pines, tmp_path / "raw")
    path = folder / IndianPines.files[file].name
    np.save(path, np.load(path)[:100])
    with pytest.raises(
        DataError, match=r"raw: shapes \(145, 145, 200\) and .* expected, .*\(100, "
    ):
        IndianPines().read(folder)


def test_a_truncated_cube_is_a_clear_error(indian_pines, tmp_path):
    path = tmp_path / "Indian_pines_corrected.npy"
    path.write_bytes((indian_pines / path.name).read_bytes()[:5_000_000])
    with pytest.raises(DataError, match=r"Indian_pines_corrected.npy: not a readable array"):
        IndianPines().read(tmp_path)


def test_error_for_a_missing_cube_names_the_command(tmp_path):
    with pytest.raises(DataError, match="no such file; `harness data fetch indian_pines`"):
        IndianPines().read(tmp_path)


INDICES = SplitIndices(np.arange(0, 900), np.arange(900, 950), np.arange(950, 999))


def test_held_out_bands_are_predicted_from_the_others(indian_pines):
    data = IndianPinesBands(held_out=4).read(indian_pines)
    split = IndianPinesBands(held_out=4).inputs(data, INDICES)
    spectra = IndianPines().inputs(data, INDICES)
    held = [25, 75, 125, 175]
    assert split.classes == ("band 26", "band 76", "band 126", "band 176")
    assert (split.task, split.shape.names) == ("regression", 4)
    for part in ("train", "validation", "test"):
        whole, found = getattr(spectra, part).inputs[:, 0], getattr(split, part)
        assert np.array_equal(found.labels, whole[:, held])
        assert np.array_equal(found.inputs[:, 0], np.delete(whole, held, axis=1))
    row, column = data.positions[7]
    assert data.targets[7].tolist() == data.values[row, column, held].tolist()
    assert np.abs(split.train.labels.mean(0)).max() < 1e-4
    assert np.abs(split.train.labels.std(0) - 1).max() < 1e-3


def test_a_gap_keeps_the_neighbours_of_held_out_bands_from_the_inputs(indian_pines):
    plugin = IndianPinesBands(held_out=2, gap=3)
    data = plugin.read(indian_pines)
    near = [*range(47, 54), *range(147, 154)]
    found = plugin.inputs(data, INDICES).test.inputs[:, 0]
    whole = IndianPines().inputs(data, INDICES).test.inputs[:, 0]
    assert np.array_equal(found, np.delete(whole, near, axis=1))


def test_gaps_that_leave_no_band_are_refused():
    assert IndianPinesBands(held_out=50, gap=1).names()[-1] == "band 199"
    with pytest.raises(InputError, match="held_out 8 with gap 12 leaves none of the 200 bands"):
        IndianPinesBands(held_out=8, gap=12)


def test_error_for_a_missing_cube_of_bands_names_its_own_command(tmp_path):
    with pytest.raises(DataError, match="no such file; `harness data fetch indian_pines_bands`"):
        IndianPinesBands().read(tmp_path)


def test_diabetes_as_published(tmp_path):
    data = Diabetes().read(tmp_path)
    assert data.values.shape == (442, 10)
    assert (data.targets.min(), data.targets.max()) == (25, 346)
    assert data.values[0].tolist() == [59, 2, 32.1, 101, 157, 93.2, 38, 4, 4.8598, 87]
    assert np.bincount(data.labels).min() >= 85  # quintiles of 442
    order = np.argsort(data.targets[:, 0], kind="stable")
    assert (np.diff(data.labels[order]) >= 0).all()
    split = Diabetes().inputs(
        data, SplitIndices(np.arange(300), np.arange(300, 400), np.r_[400:442])
    )
    assert split.train.inputs.shape == (300, 1, 10)
    assert np.abs(split.train.inputs.mean(0)).max() < 1e-5
    assert np.abs(split.train.inputs.std(0) - 1).max() < 1e-5


@pytest.fixture
def small_fashion(tmp_path):
    """The four files with three images each."""
    header = (2051).to_bytes(4) + (3).to_bytes(4) + (28).to_bytes(4) + (28).to_bytes(4)
    for file in FashionMNIST.files:
        labels = "labels" in file.name
        content = (2049).to_bytes(4) + (3).to_bytes(4) + bytes([0, 5, 9]) if labels else header
        (tmp_path / file.name).write_bytes(content + bytes(0 if labels else 3 * 784))
    return tmp_path


def test_fashion_mnist_files(small_fashion):
    data = FashionMNIST().read(small_fashion)
    assert data.values.shape == (6, 28, 28)
    assert data.labels.tolist() == [0, 5, 9, 0, 5, 9]
    assert data.test.tolist() == [3, 4, 5]


@pytest.mark.parametrize(
    ("index", "change", "message"),
    [
        (0, lambda c: c[:-10], r"2352 bytes expected for \(3, 28, 28\), 2342 found"),
        (0, lambda c: b"\0" + c[2:], "not an idx file of 3 axes"),
        (0, lambda _: b"", "not an idx file of 3 axes"),
        (1, lambda c: c[:-1] + bytes([10]), "images and labels do not match"),
    ],
)
def test_damaged_fashion_mnist_is_a_clear_error(index, change, message, small_fashion):
    path = small_fashion / FashionMNIST.files[index].name
    path.write_bytes(change(path.read_bytes()))
    with pytest.raises(DataError, match=message):
        FashionMNIST().read(small_fashion)


def test_error_for_a_missing_file_names_the_command(small_fashion):
    (small_fashion / FashionMNIST.files[2].name).unlink()
    with pytest.raises(DataError, match="no such file; `harness data fetch fashion_mnist`"):
        FashionMNIST().read(small_fashion)
