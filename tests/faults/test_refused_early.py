"""What would take the machine's time or memory, or leave its folder, is refused before it can."""

import json
import zipfile

import numpy as np
import pytest
import scipy.io

from harness.core.arrays import read_arrays
from harness.core.errors import DataError, InputError
from harness.core.yaml_file import LARGEST, parse_yaml
from harness.data.named_splits import read_splits
from harness.data.source_arrays import read_source_array
from harness.study.checks import check
from harness.study.dimensions import Ranged, count
from harness.study.plan import smoke
from harness.study.study_file import read_study
from tests.conftest import REPOSITORY

QUICKSTART = REPOSITORY / "studies" / "quickstart.yaml"
NO_FOLDERS = ("../x", "/etc/x", "a/b", "..", ".hidden", '"a\\nb"', '""', "CON", "nul.txt", "Com1",
              "dot.", "é", "x" * 101)  # fmt: skip


def changed(*assignments):
    study = read_study(QUICKSTART, assignments)
    check(study, "here", "classification")
    return study


@pytest.mark.parametrize("name", NO_FOLDERS)
def test_no_study_and_no_split_leaves_its_folder(name, tmp_path):
    with pytest.raises(InputError, match=r"quickstart.yaml: name: "):
        read_study(QUICKSTART, [f"name={name}"])
    with pytest.raises(InputError, match=r"quickstart.yaml: split: "):
        read_study(QUICKSTART, [f"split={name}"])
    path = tmp_path / "params.yaml"
    plain = json.dumps(parse_yaml(name, "here"))
    path.write_text(f"splits: {{{plain}: {{dataset: digits, train: 0.5, validation: 0.1}}}}")
    with pytest.raises(InputError, match=r"params.yaml: splits: "):
        read_splits(path)


@pytest.mark.parametrize("name", ["mlartifacts", "MLFlow.db", "mlflow.db-wal", "a.yaml", "b.yml"])
def test_no_study_takes_the_place_of_other_files(name):
    with pytest.raises(InputError, match=r"name: .* (is taken by MLflow|taken for a study file)"):
        read_study(QUICKSTART, [f"name={name}"])
    assert read_study(QUICKSTART, ["split=mlartifacts"]).split == "mlartifacts"


def test_the_smoke_test_of_a_study_of_the_longest_name_has_a_name():
    study = changed(f"name={'x' * 100}")
    assert read_study(QUICKSTART, [f"name={smoke(study).name}"]).name.endswith("x-smoke")


@pytest.mark.parametrize(
    ("assignment", "message"),
    [
        ("training.learning_rate={min: 0, max: 1e300, step: 1e-300}", "too small to be told from"),
        ("training.learning_rate={min: 0, max: 1, distribution: q_uniform, q: 1e-320}", "small"),
        ("training.learning_rate={min: -1e308, max: 1e308}", "too wide to draw from"),
        (f"training.epochs={{values: {list(range(1, 258))}}}", "at most 256 items"),
        (f"description={'x' * 2001}", "at most 2000 characters"),
        (f"seeds={['a'] * 19_000}", "18980 more faults"),
        ("training.epochs=1" + "0" * 5000, "an integer of 5001 digits"),
        ("training.epochs=1e400", "finite number, found inf"),
        ("x" * 900_000 + "=1", "no such field"),
        ("name." + "x" * 900_000 + "=1", "name is a value"),
        ("training.epochs=" + "[" * 900_000, "nested deeper"),
        ("training.epochs=[" + "a," * 400_000 + "]", f"more than {LARGEST} values"),
    ],
)  # fmt: skip
def test_huge_values_are_refused_in_a_short_message(assignment, message):
    with pytest.raises(InputError, match=message) as refused:
        changed(assignment)
    assert len(str(refused.value)) < 5000


def test_a_grid_of_very_many_cells_is_not_listed():
    fixed = "regimes={joint: {label_smoothing: {min: 0.0, max: 0.5, step: 1e-13}}}"
    rate = "training={epochs: 2}"
    with pytest.raises(InputError, match=r"method: grid: .*(is a continuous range|cells, at most)"):
        changed(fixed, rate, "method=grid")
    with pytest.raises(InputError, match="500001 cells, at most 100000"):
        changed(fixed.replace("1e-13", "1e-6"), rate, "method=grid")


def test_values_too_many_to_be_counted_are_as_many_as_real_numbers():
    per_exit = Ranged(0.0, 1.0, 1e-9, log=False, whole=False, per_exit=True)
    assert count(per_exit, 8) == float("inf")
    assert count(Ranged(0.0, 1.0, 0.25, log=False, whole=False, per_exit=True), 2) == 25


def test_backbones_at_very_many_corners_are_not_built():
    widths = [[n, 8, 8] for n in range(1, 201)]
    both = f"backbone.parameters={{widths: {{values: {widths}}}, pool: {{values: [1, 2]}}}}"
    with pytest.raises(InputError, match=r"400 networks at the corners .* at most 256"):
        changed(both)


def test_archives_that_unpack_to_far_more_are_not_unpacked(tmp_path):
    path = tmp_path / "bomb.npz"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("values.npy", bytes(2**27))
    with pytest.raises(DataError, match=r"bytes that unpack to 134217728"):
        read_arrays(path, "logits", "remedy")
    values = np.zeros(2**20, dtype=np.int64)
    np.savez_compressed(path, values=values)  # small in all
    assert np.array_equal(read_arrays(path, "logits", "remedy")["values"], values)
    matlab = tmp_path / "bomb.mat"
    scipy.io.savemat(matlab, {"a": np.zeros((3000, 3000), np.uint8)}, do_compression=True)
    with pytest.raises(DataError, match=r"9000000 values are claimed by"):
        read_source_array(matlab)


def test_an_array_of_a_forged_size_is_not_made(tmp_path):
    path = tmp_path / "forged.npy"
    with path.open("wb") as stream:
        head = {"descr": "<f8", "fortran_order": False, "shape": (10**13,)}
        np.lib.format.write_array_header_1_0(stream, head)
    with pytest.raises(DataError, match=r"forged.npy: not a readable array"):
        read_source_array(path)


@pytest.mark.parametrize("number", [0, 8, 19])
def test_a_file_that_crashes_its_reader_is_refused(tmp_path, number):
    """MATLAB has no type of values of this number, which SciPy looks up beyond its table."""
    path = tmp_path / "x.mat"
    scipy.io.savemat(path, {"a": np.arange(6.0).reshape(2, 3)})
    content = bytearray(path.read_bytes())
    head, tag, flags, shape, name = 128, 8, 16, 16, 8
    at = head + tag + flags + shape + name
    assert content[at] == 9  # double
    content[at] = number
    path.write_bytes(content)
    with pytest.raises(DataError, match=r"x.mat: not a readable array \(.*ends by SIGSEGV"):
        read_source_array(path)


def test_pickles_are_never_read(tmp_path):
    objects = np.array([{"a": 1}], dtype=object)
    np.save(tmp_path / "pickled.npy", objects, allow_pickle=True)
    np.savez(tmp_path / "pickled.npz", values=objects)
    with pytest.raises(DataError, match="allow_pickle=False"):
        read_source_array(tmp_path / "pickled.npy")
    with pytest.raises(DataError, match="allow_pickle=False"):
        read_arrays(tmp_path / "pickled.npz", "logits", "remedy")
