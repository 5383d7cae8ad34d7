import pytest

from harness.core.errors import InputError
from harness.data.named_splits import find_split, read_splits, redrawn


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
    for name in ("a@", "a@x", "a@-1", "a@1@2", "b@1", "a@4294967296", f"a@{'9' * 5000}"):
        with pytest.raises(InputError, match=f"no split '{name}'; known: a"):
            find_split(path, name)
