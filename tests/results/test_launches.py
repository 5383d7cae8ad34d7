"""The file that tells which runs in MLflow are a study folder's own."""

from dataclasses import replace

import pytest

from harness.core.errors import InputError
from harness.results.launches import LAUNCHES, add_launch, origin_of, read_launches
from tests.damage import cut, deleted, emptied, replaced_by_a_folder
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


@pytest.mark.parametrize("way", [emptied, cut, replaced_by_a_folder])
def test_a_damaged_file_is_named_and_may_be_taken_away(tmp_path, way):
    add_launch(tmp_path)
    path = tmp_path / LAUNCHES
    way(path)
    with pytest.raises(InputError, match=f"^{path}: .*(delete it: `harness sync`|move it away)"):
        add_launch(tmp_path)
    deleted(path)
    assert read_launches(tmp_path) == ()
