"""Fetching from an installed package, a mirror and by hand; downloads have tests of their own."""

import importlib.metadata
import subprocess
import sys

import numpy as np
import pytest
import scipy.io

from harness.core.errors import DataError
from harness.data import fetch
from harness.data.containers import array_digest, read_container
from harness.data.sets import DATASETS
from harness.data.sets.indian_pines_scene import SCENE_FILES

CUBE, TRUTH = (file.name for file in SCENE_FILES)
VERSION = "canonical cube of UPV/EHU"
CUBE_DIGEST = SCENE_FILES[0].known[0][0]
KEYS = {CUBE: "indian_pines_corrected", TRUTH: "indian_pines_gt"}


def run(raw, mirror=None, dataset="indian_pines", calls=None):
    watch = (lambda *a: calls.append(a)) if calls is not None else (lambda *_: None)
    return fetch.fetch_files(dataset, raw, mirror, watch)


@pytest.fixture(scope="session")
def arrays(indian_pines):
    return {name: read_container(indian_pines / name) for name in (CUBE, TRUTH)}


@pytest.fixture
def not_the_cube(arrays):
    """A cube that is right but for a few values, as one made from a picture would be."""
    cube = arrays[CUBE].copy()
    cube[7, 7] += 24
    return cube


@pytest.fixture
def no_package(monkeypatch):
    def missing(name):
        raise importlib.metadata.PackageNotFoundError(name)

    monkeypatch.setattr(importlib.metadata, "distribution", missing)


@pytest.fixture
def package(tmp_path, monkeypatch):
    """The data folder of an installed tensorly 9.9 that must not be imported."""
    folder = tmp_path / "packages"
    information = folder / "tensorly-9.9.dist-info" / "METADATA"
    information.parent.mkdir(parents=True)
    information.write_text("Metadata-Version: 2.1\nName: tensorly\nVersion: 9.9\n")
    data = folder / "tensorly" / "datasets" / "data"
    data.mkdir(parents=True)
    (folder / "tensorly" / "__init__.py").write_text("raise AssertionError('imported')")
    monkeypatch.syspath_prepend(str(folder))
    return data


def write_mat(folder, arrays):
    """MATLAB's files as UPV/EHU gives them."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, values in arrays.items():
        path = (folder / name).with_suffix(".mat")
        scipy.io.savemat(path, {KEYS[name]: values}, do_compression=True)
    return folder


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_the_cube_is_the_canonical_one(arrays):
    cube, truth = arrays[CUBE], arrays[TRUTH]
    assert (cube.dtype, cube.shape) == (np.uint16, (145, 145, 200))
    assert (cube.min(), cube.max()) == (955, 9604)
    assert cube.mean() == pytest.approx(2652.389, abs=5e-4)
    assert cube[0, 0, :3].tolist() == [3172, 4142, 4506]
    assert cube[0, 0, -3:].tolist() == [1057, 1020, 1020]
    sha256 = "36468dd7336c8bd37a80cced54362ea426f226703f3797ba494556fd8134e77f"
    assert array_digest(cube) == CUBE_DIGEST == f"array:<u2:145x145x200:{sha256}"
    assert (truth.dtype, truth.shape) == (np.uint8, (145, 145))
    assert np.bincount(truth.ravel())[:3].tolist() == [10_776, 46, 1428]


@pytest.mark.parametrize("dataset", ["indian_pines", "indian_pines_bands", "indian_pines_graph"])
def test_the_package_comes_first(dataset, not_the_cube, arrays, tmp_path):
    mirror = tmp_path / "mirror"
    write_mat(mirror / "IndianPines", arrays | {CUBE: not_the_cube})
    calls = []
    found = run(tmp_path / "raw", mirror, dataset, calls)
    origin = f"tensorly {importlib.metadata.version('tensorly')}"
    assert found == {CUBE: f"{VERSION}, from {origin}", TRUTH: f"canonical, from {origin}"}
    sizes = [(tmp_path / "raw" / dataset / name).stat().st_size for name in (CUBE, TRUTH)]
    assert calls == [
        (f"{name} from {origin}", size, size)
        for name, size in zip((CUBE, TRUTH), sizes, strict=True)
    ]
    assert names(tmp_path / "raw" / dataset) == [CUBE, TRUTH]


@pytest.mark.usefixtures("no_package")
def test_without_the_package_the_mirror_comes_next(arrays, indian_pines, tmp_path):
    folder = write_mat(tmp_path / "mirror" / "IndianPines", arrays)
    found = run(tmp_path / "raw", tmp_path / "mirror")
    assert found[CUBE] == f"{VERSION}, from {folder / 'Indian_pines_corrected.mat'}"
    for name in (CUBE, TRUTH):  # byte for byte, whatever the container
        kept = tmp_path / "raw" / "indian_pines" / name
        assert kept.read_bytes() == (indian_pines / name).read_bytes()
        np.save(folder / name, arrays[name])
    again = run(tmp_path / "again", tmp_path / "mirror")
    assert again[CUBE] == f"{VERSION}, from {folder / CUBE}"


@pytest.mark.usefixtures("no_package")
def test_what_a_mirror_lacks_is_named(tmp_path):
    (tmp_path / "mirror" / "IndianPines").mkdir(parents=True)
    message = r"not in the mirror.*put Indian_pines_corrected.npy or Indian_pines_corrected.mat the"
    with pytest.raises(DataError, match=message):
        run(tmp_path / "raw", tmp_path / "mirror")


@pytest.mark.usefixtures("no_package")
def test_another_cube_of_a_mirror_is_refused_and_left_alone(not_the_cube, arrays, tmp_path):
    folder = write_mat(tmp_path / "mirror" / "IndianPines", arrays | {CUBE: not_the_cube})
    before = names(folder)
    with pytest.raises(DataError) as error:
        run(tmp_path / "raw", tmp_path / "mirror")
    message = str(error.value)
    assert message.startswith(f"{folder / 'Indian_pines_corrected.mat'}: digest ")
    assert f"{array_digest(not_the_cube)} found, {CUBE_DIGEST} ({VERSION}) expected" in message
    assert (
        "in the package tensorly (`pip install --force-reinstall --no-deps tensorly`) and"
        in message
    )
    assert message.endswith("Indian_pines_corrected.mat")
    assert names(folder) == before
    assert names(tmp_path / "raw" / "indian_pines") == []


def test_the_package_is_not_imported(package, arrays, tmp_path):
    for name, values in arrays.items():
        np.save(package / name, values)
    assert run(tmp_path / "raw")[CUBE] == f"{VERSION}, from tensorly 9.9"


def test_the_real_package_is_not_imported():
    code = (
        "import sys; from harness.data.fetch import _installed; "
        "from harness.data.sets.indian_pines_scene import SCENE_FILES; "
        "assert all(map(_installed, SCENE_FILES)); sys.exit('tensorly' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_another_cube_in_the_package_is_refused(package, not_the_cube, tmp_path):
    np.save(package / CUBE, not_the_cube)
    with pytest.raises(DataError) as error:
        run(tmp_path / "raw")
    assert str(error.value).startswith(f"{package / CUBE}: digest {array_digest(not_the_cube)} fou")
    assert "pip install --force-reinstall --no-deps tensorly" in str(error.value)
    assert names(package) == [CUBE]


@pytest.mark.parametrize("keep", [0, 60, 5_000_000])
def test_a_truncated_package_is_refused(keep, package, indian_pines, tmp_path):
    (package / CUBE).write_bytes((indian_pines / CUBE).read_bytes()[:keep])
    message = rf"{CUBE}: not a readable array .*pip install --force-reinstall --no-deps tensorly"
    with pytest.raises(DataError, match=message):
        run(tmp_path / "raw")


def test_a_raw_folder_of_an_earlier_version_just_works(not_the_cube, arrays, tmp_path):
    """It holds MATLAB's files, the cube not the canonical one."""
    folder = write_mat(tmp_path / "raw" / "indian_pines", arrays | {CUBE: not_the_cube})
    found = run(tmp_path / "raw")
    rejected = "Indian_pines_corrected.mat.rejected"
    assert found[CUBE].startswith(f"{VERSION}, from tensorly ")
    assert found[CUBE].endswith(f"set aside as {rejected})")
    assert found[TRUTH] == "canonical, from Indian_pines_gt.mat"
    assert names(folder) == sorted((rejected, CUBE, TRUTH))
    kept = read_container((folder / rejected).rename(folder / "kept.mat"))
    assert np.array_equal(kept, not_the_cube)
    assert set(run(tmp_path / "raw").values()) == {
        f"{VERSION}, there already",
        "canonical, there already",
    }


@pytest.mark.usefixtures("no_package")
def test_files_put_there_by_hand_are_taken(arrays, tmp_path):
    folder = write_mat(tmp_path / "raw" / "indian_pines", arrays)
    assert run(tmp_path / "raw")[CUBE] == f"{VERSION}, from Indian_pines_corrected.mat"
    assert names(folder) == [CUBE, TRUTH]


def test_a_kept_file_of_another_content_is_set_aside_and_fetched_anew(not_the_cube, tmp_path):
    folder = tmp_path / "raw" / "indian_pines"
    folder.mkdir(parents=True)
    np.save(folder / CUBE, not_the_cube)
    with pytest.raises(DataError, match=rf"{CUBE}: digest .* set aside as {CUBE}\.rejected"):
        run(tmp_path / "raw")
    run(tmp_path / "raw")
    assert names(folder) == [CUBE, f"{CUBE}.rejected", TRUTH]


def test_fashion_mnist_of_the_mirror_is_known(mirror, tmp_path):
    found = run(tmp_path, mirror, "fashion_mnist")
    folder = mirror / "FashionMNIST" / "raw"
    assert found == {name: f"canonical, from {folder / name}" for name in names(folder)}


def test_a_damaged_mirror_is_noticed_and_left_alone(mirror, tmp_path):
    name = DATASETS.get("fashion_mnist").files[0].name
    damaged = tmp_path / "mirror" / "FashionMNIST" / "raw" / name
    damaged.parent.mkdir(parents=True)
    content = (mirror / "FashionMNIST" / "raw" / name).read_bytes()[:-1]
    damaged.write_bytes(content)
    with pytest.raises(DataError, match=rf"{name}: digest sha256:.*\(canonical\) expected; .*\.gz"):
        run(tmp_path / "raw", tmp_path / "mirror", "fashion_mnist")
    assert damaged.read_bytes() == content


def test_a_data_set_without_files_has_its_folder(tmp_path):
    """DVC expects what the stage makes."""
    assert run(tmp_path, dataset="digits") == {}
    assert DATASETS.get("digits").files == ()
    assert names(tmp_path / "digits") == []


def test_a_folder_that_cannot_be_written_is_a_clear_error(tmp_path):
    (tmp_path / "raw").write_text("a file where a folder is meant")
    with pytest.raises(DataError, match=r"raw/indian_pines: cannot be fetched \(.*"):
        run(tmp_path / "raw")
