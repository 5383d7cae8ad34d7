"""What needs networks is refused of a study that has outputs alone."""

import pytest

from harness.core.errors import InputError
from harness.results.trained_here import check_trained_here
from tests.made_up import MANIFEST
from tests.records import record_of


def test_an_imported_study_is_refused_in_a_sentence():
    record = record_of(MANIFEST)
    check_trained_here(record, "an export")
    with pytest.raises(
        InputError, match=r"study made-up: imported by .*; an export needs the netw"
    ):
        check_trained_here(record.model_copy(update={"imported": True}), "an export")


def test_a_record_without_the_field_is_of_a_study_that_was_trained():
    plain = record_of(MANIFEST).model_dump(mode="json")
    plain.pop("imported")
    assert not type(record_of(MANIFEST)).model_validate(plain).imported
