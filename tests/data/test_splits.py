import numpy as np
import pytest

from harness.core.errors import DataError, InputError
from harness.core.manifest import SplitSpec
from harness.data.splits import SplitIndices, find_split, read_splits, redrawn

SPEC = {"dataset": "digits", "train": 0.5, "validation": 0.25}


def test_parts_are_disjoint_and_all_but_calibration_have_samples():
    one, two, three, none = np.array([0]), np.array([1]), np.array([2]), np.array([], dtype=int)
    assert list(SplitIndices(one, two, three).parts) == ["train", "validation", "test"]
    every = SplitIndices(one, two, three, np.array([3]))
    assert list(every.parts) == ["train", "validation", "calibration", "test"]
    with pytest.raises(DataError, match="overlap"):
        SplitIndices(one, two, three, one)
    with pytest.raises(DataError, match="the validation part of a split has no samples"):
        SplitIndices(one, none, three)


@pytest.mark.parametrize("amount", [0, 1.0, -0.5, 0.0, -3, "half", True, None])
@pytest.mark.parametrize("part", ["train", "validation", "calibration"])
def test_amounts_are_shares_or_samples_per_class(part, amount):
    if (part, amount) == ("calibration", 0):  # 0.0 too
        assert SplitSpec(**SPEC, calibration=amount).calibration == 0
        return
    with pytest.raises(ValueError, match=r"share between 0 and 1, or samples per class \(1, 2"):
        SplitSpec(**(SPEC | {part: amount}))


def test_what_a_split_cannot_ask_for():
    with pytest.raises(ValueError, match="spatial split takes shares, found a number of samples"):
        SplitSpec(**SPEC | {"kind": "spatial", "train": 50})
    with pytest.raises(ValueError, match="margin: patch is of spatial splits"):
        SplitSpec(**SPEC, margin="patch")
    assert SplitSpec(**SPEC | {"train": 50}) == SplitSpec.model_validate_json(
        SplitSpec(**SPEC | {"train": 50}).model_dump_json()
    )


def test_splits_file_faults_are_named(tmp_path):
    path = tmp_path / "params.yaml"
    with pytest.raises(InputError, match="no such file"):
        read_splits(path)
    path.write_text("splits: {a: {dataset: digits, train: 0.9, validation: 0.5}}")
    with pytest.raises(
        InputError, match=r"splits: a: .*train \+ validation \+ calibration is 1.4, above 1"
    ):
        read_splits(path)
    path.write_text("splits: {a: {dataset: digits, train: 0.5, validation: 0.5, sed: 1}}")
    with pytest.raises(InputError, match=r"a.sed: Extra inputs are not permitted, found 1"):
        read_splits(path)
    path.write_text(
        f"splits: {{a: {{dataset: digits, train: 0.5, validation: 0.5, seed: {2**32}}}}}"
    )
    with pytest.raises(InputError, match=r"a.seed: Input should be less than 4294967296"):
        read_splits(path)
    path.write_bytes(b"splits: \xff")
    with pytest.raises(InputError, match="not valid YAML"):
        read_splits(path)
    path.write_text("other: 1")
    with pytest.raises(InputError, match="needs a mapping `splits:`"):
        read_splits(path)
    path.write_text("splits: [")
    with pytest.raises(InputError, match="not valid YAML"):
        read_splits(path)
    path.write_text("splits: {a: {dataset: digits, train: 0.5, validation: 0.5}}")
    with pytest.raises(InputError, match="no split 'b'; known: a"):
        find_split(path, "b")


def test_a_split_drawn_with_another_seed_is_named_after_it(tmp_path):
    path = tmp_path / "params.yaml"
    path.write_text("splits: {a: {dataset: digits, train: 0.5, validation: 0.5, seed: 3}}")
    plain = find_split(path, "a")
    assert redrawn("a", 1007) == "a@1007"
    assert find_split(path, "a@1007") == plain.model_copy(update={"seed": 1007})
    assert find_split(path, "a@3") == plain
    for name in ("a@", "a@x", "a@-1", "a@1@2", "b@1"):
        with pytest.raises(InputError, match=f"no split '{name}'; known: a"):
            find_split(path, name)
