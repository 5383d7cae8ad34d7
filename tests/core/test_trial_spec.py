import dataclasses

import pytest

from harness.core.errors import InputError
from harness.core.records import read_record, write_record
from harness.core.trial_spec import Choice, TrialSpec

SPEC = TrialSpec(
    split="digits",
    digest="d" * 32,
    backbone=Choice("image_cnn", {"widths": (8, 16), "exits": 2}),
    regime=Choice("hard_cgt", {"tau": (0.5, 1), "beta": 0.25}),
    training={"epochs": 2, "learning_rate": 0.003},
    seed=1,
)


def test_a_spec_that_is_read_back_has_the_same_types_and_key(tmp_path):
    write_record(tmp_path / "spec.json", SPEC)
    back = read_record(tmp_path / "spec.json", TrialSpec)
    assert back == SPEC
    assert repr(back) == repr(SPEC)  # 1 and 1.0 are equal, and give other keys
    assert back.key == SPEC.key


def test_the_key_of_a_spec_never_changes():
    """Stored results are found by it: another one needs another RESULT_FORMAT."""
    assert SPEC.key == "22af895d4807ac77"


def test_an_unknown_field_is_refused(tmp_path):
    path = tmp_path / "spec.json"
    write_record(path, SPEC)
    path.write_text(path.read_text().replace('"seed"', '"sead"'))
    with pytest.raises(InputError, match=r"spec.json: s..d: "):
        read_record(path, TrialSpec)


def test_every_field_counts_in_the_key():
    changes = {
        "split": "other",
        "digest": "e" * 32,
        "backbone": Choice("image_cnn", {"exits": 2}),
        "regime": Choice("joint", {}),
        "training": {"epochs": 3},
        "seed": 2,
        "static_exit": 1,
    }
    assert set(changes) == {field.name for field in dataclasses.fields(SPEC)}
    keys = {dataclasses.replace(SPEC, **{k: v}).key for k, v in changes.items()} | {SPEC.key}
    assert len(keys) == len(changes) + 1
