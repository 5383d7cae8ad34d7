import numpy as np
import pytest

from harness.core.errors import DataError
from harness.core.manifest import SplitSpec
from harness.data.splits import SplitIndices

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
