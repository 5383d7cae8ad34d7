"""A confirmation as it is stored: current, out of date, incomplete, damaged."""

import numpy as np
import pytest

from harness.core.errors import DataError, InputError
from harness.results.confirmation import (
    TEST_SAMPLES,
    confirmed,
    read_confirmed,
    read_test_samples,
    write_test_samples,
)
from harness.results.study_record import read_study_record, write_study_record
from tests.damage import WAYS, replaced_by_a_folder
from tests.made_up import make_confirmation


@pytest.fixture
def confirmation(folder):
    return make_confirmation(folder)


def test_the_record_of_a_complete_confirmation_is_found(folder, confirmation):
    assert confirmed(folder) == read_confirmed(folder) == read_study_record(confirmation)


def test_without_one_the_command_is_named(folder):
    assert confirmed(folder) is None
    with pytest.raises(InputError, match=r"nothing is confirmed.*`harness confirm made-up`"):
        read_confirmed(folder)


@pytest.mark.parametrize(
    "update",
    [
        *({"state": state} for state in ("running", "interrupted", "failed", "out of time")),
        {"fresh": None},
    ],
)
def test_what_is_not_complete_counts_as_none(folder, confirmation, update):
    record = read_study_record(confirmation)
    write_study_record(confirmation, record.model_copy(update=update))
    assert confirmed(folder) is None


def test_of_failures_alone_there_is_none(folder, confirmation):
    record = read_study_record(confirmation)
    failed = {"objectives": None, "reason": "diverged"}
    each = tuple(c.model_copy(update=failed) for c in record.configurations)
    write_study_record(confirmation, record.model_copy(update={"configurations": each}))
    assert confirmed(folder) is None


@pytest.mark.usefixtures("confirmation")
def test_after_more_search_it_is_refused_with_the_command(folder):
    record = read_study_record(folder)
    more = record.configurations[0].model_copy(update={"number": len(record.configurations)})
    known = (*record.configurations, more)
    write_study_record(folder, record.model_copy(update={"configurations": known}))
    for read in (confirmed, read_confirmed):
        with pytest.raises(InputError, match=r"the search went on.*`harness confirm made-up`"):
            read(folder)


def test_the_units_are_searches_where_there_are_several(folder):
    assert read_study_record(folder).units() == {0: 0, 1: 1}
    one = read_study_record(make_confirmation(folder))
    assert one.units() == {1000: 1000, 1001: 1001, 1002: 1002}
    two = read_study_record(make_confirmation(folder, ((1000, 1001), (2000, 2001))))
    assert two.units() == {1000: 0, 1001: 0, 2000: 1, 2001: 1}


def test_test_samples_are_read_as_written(confirmation):
    found = read_test_samples(confirmation, read_study_record(confirmation))
    assert list(found) == [1000, 1001, 1002]
    for index, seed in enumerate(found):
        np.testing.assert_array_equal(found[seed], np.arange(90) + 30 * index)


@pytest.mark.parametrize("way", WAYS)
def test_damaged_test_samples_say_how_they_are_made_anew(confirmation, way):
    way(confirmation / TEST_SAMPLES)
    with pytest.raises((DataError, InputError), match=TEST_SAMPLES) as caught:
        read_test_samples(confirmation, read_study_record(confirmation))
    if way is not replaced_by_a_folder:  # which it would not replace
        assert "`harness confirm made-up`" in str(caught.value)


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        ({1000: np.arange(3)}, "1001"),
        (dict.fromkeys((1000, 1001, 1002), np.ones(3)), "not rows of whole numbers"),
    ],
)
def test_samples_of_other_seeds_or_no_numbers_are_refused(confirmation, parts, message):
    write_test_samples(confirmation, parts)
    with pytest.raises(DataError, match=message):
        read_test_samples(confirmation, read_study_record(confirmation))
