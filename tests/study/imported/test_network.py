"""The file of one network, and what is said of one that is not as it should be."""

import numpy as np
import pytest

from harness.core.errors import InputError
from harness.study.imported import network as module
from harness.study.imported.network import check_same_samples, read_network
from tests.study.imported.outputs import COSTS, network, write


def read(tmp_path, **changes):
    return read_network(write(tmp_path, "a", "b", 0, **changes))


def test_all_arrays_are_taken_in(tmp_path):
    given = network(calibration=True)
    parameters, full = np.array([5, 7, 9]), np.array([80.0])
    found = read(tmp_path, calibration=True, parameters=parameters, full_cost=full)
    assert list(found.outputs) == ["validation", "calibration", "test"]
    for part, outputs in found.outputs.items():
        np.testing.assert_allclose(outputs.values, given[f"{part}_logits"], rtol=1e-6)
        np.testing.assert_array_equal(outputs.labels, given[f"{part}_labels"])
        assert outputs.values.dtype == np.float32
    assert found.costs.macs.tolist() == COSTS.tolist()
    assert (found.costs.full, found.costs.parameters.tolist()) == (80.0, [5, 7, 9])
    assert found.classes == 3


def test_what_is_left_out_has_a_default(tmp_path):
    found = read(tmp_path)
    assert list(found.outputs) == ["validation", "test"]
    assert (found.costs.full, found.costs.parameters.tolist()) == (90.0, [0, 0, 0])


def test_the_digest_is_of_the_numbers(tmp_path):
    first = read(tmp_path)
    same = {"validation_logits": network()["validation_logits"].astype(np.float32)}
    assert read(tmp_path, **same).digest == first.digest
    other = network()["test_logits"]
    other[0, 0, 0] += 1
    assert read(tmp_path, test_logits=other).digest != first.digest
    assert read(tmp_path, costs=COSTS + 1).digest != first.digest
    assert read(tmp_path, test_logits=other).labels_digest == first.labels_digest


def with_nan(name):
    values = network()[name]
    values[2, 3, 1] = np.nan
    return values


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"test_logits": None}, r"not readable outputs \(no test_logits\); write it with num"),
        ({"costs": None}, r"\(no costs\)"),
        ({"test_logits": with_nan("test_logits")},
         "0.npz: test_logits: finite numbers are wanted, found NaN.* at exit 3, sample 3"),
        ({"validation_logits": np.zeros((3, 40))},
         r"validation_logits: real numbers of shape \[exits, samples, classes\] .* float64 \[3, "),
        ({"validation_logits": np.zeros((1, 40, 3))}, "at least 2 exits are wanted, found 1"),
        ({"validation_labels": np.zeros(40)},
         r"validation_labels: a whole number per sample, \[40\], is wanted, found float64 \[40\]"),
        ({"validation_labels": np.zeros(39, int)}, "validation_labels: a whole number per sample"),
        ({"validation_labels": np.full(40, 3)}, "validation_labels: classes from 0 to 2 are want"),
        ({"test_labels": np.ones(50, int)},
         "test_labels: at least 2 classes are wanted, found class 1 alone"),
        ({"test_logits": np.zeros((2, 50, 3))},
         "test_logits: 3 exits and 3 classes are wanted, as in validation_logits, found float32"),
        ({"calibration_labels": np.zeros(4, int)}, "calibration_logits: missing"),
        ({"costs": np.array([1.0, 2.0])}, r"costs: one number per exit, \[3\]"),
        ({"costs": np.array([3.0, 2.0, 1.0])}, "costs: numbers above 0 that rise"),
        ({"parameters": np.array([1.0, 2, 3])}, "parameters: whole numbers are wanted, f"),
        ({"full_cost": np.array(-1.0)}, "full_cost: one number above 0 is wanted, found"),
        ({"test_logit": np.zeros(3)}, "test_logit: no such array; allowed are validation_logits"),
        ({"costs": np.array([None, 1, 2], dtype=object)}, "allow_pickle=False"),
        ({"costs": np.array(["1", "2", "3"])}, "no numbers in costs"),
    ],
)  # fmt: skip
def test_each_fault_is_named_with_its_file_and_array(tmp_path, changes, message):
    with pytest.raises(InputError, match=message) as refused:
        read(tmp_path, **changes)
    assert str(refused.value).startswith(str(tmp_path / "a" / "b" / "0.npz"))


@pytest.mark.parametrize("content", [b"", b"no archive", b"PK\x03\x04cut"])
def test_a_damaged_file_is_named(tmp_path, content):
    path = tmp_path / "0.npz"
    path.write_bytes(content)
    with pytest.raises(InputError, match=r"0.npz: not readable outputs \("):
        read_network(path)


def test_a_file_that_would_not_fit_is_refused_before_it_is_read(tmp_path, monkeypatch):
    path = write(tmp_path, "a", "b", 0)
    monkeypatch.setattr(module, "LARGEST", 1000)
    monkeypatch.setattr(module, "read_arrays", None)
    with pytest.raises(InputError, match=r"0.npz: arrays of .* bytes, at most 1000 are read"):
        read_network(path)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"test_labels": np.roll(network()["test_labels"], 1)}, "^test_labels of .*1.npz and .*"),
        ({"calibration": True}, "^parts of .*1.npz and .*0.npz: validation, calibration"),
        ({"validation_logits": np.zeros((3, 40, 4)), "test_logits": np.zeros((3, 50, 4))},
         "^logits of .*1.npz and .*0.npz: 4 and 3 classes"),
    ],
)  # fmt: skip
def test_networks_of_other_samples_are_refused_by_both_names(tmp_path, changes, message):
    paths = (write(tmp_path, "a", "b", 0), write(tmp_path, "a", "b", 1, **changes))
    first, other = ((path, read_network(path)) for path in paths)
    with pytest.raises(InputError, match=message):
        check_same_samples(first, other)
    check_same_samples(first, first)
