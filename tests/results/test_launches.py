"""The file that tells which runs in MLflow are a study folder's own."""

from dataclasses import replace

import pytest

from harness.core.errors import InputError
from harness.results.launches import LAUNCHES, add_launch, origin_of, read_launches
from tests.made_up import MANIFEST
from tests.records import changed, record_of


def test_launches_are_kept_in_order(tmp_path):
    assert read_launches(tmp_path) == ()
    first, second = add_launch(tmp_path), add_launch(tmp_path)
    assert first != second
    assert read_launches(tmp_path) == (first, second)


def test_another_study_or_other_data_under_the_name_are_told_apart(tmp_path):
    record = record_of(MANIFEST)
    own = origin_of(tmp_path, record)
    assert own.study == "made-up"
    assert origin_of(tmp_path, changed(record, spec={"run_cap": 99})) == own
    for other in (
        changed(record, spec={"seeds": (0, 1, 2)}),
        changed(record, manifest={"digest": "e" * 32}),
    ):
        assert origin_of(tmp_path, other).identity != own.identity
    token = add_launch(tmp_path)
    assert origin_of(tmp_path, record) == replace(own, launches=(token,))


def test_a_damaged_file_is_named(tmp_path):
    (tmp_path / LAUNCHES).write_text("{")
    with pytest.raises(InputError, match=LAUNCHES):
        add_launch(tmp_path)
