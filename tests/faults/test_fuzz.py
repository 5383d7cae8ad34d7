"""No file ends in a traceback, whatever was mistyped, cut off or forged in it."""

import pytest

from tests.faults.fuzz import CASES, run, share
from tests.faults.kinds import KINDS


@pytest.mark.parametrize("name", KINDS)
def test_a_mutated_file_is_one_or_ends_in_an_error_of_harness(name, tmp_path):
    outcome = run(name, share(name, CASES), tmp_path)
    assert outcome.cases >= share(name, CASES)
    assert outcome.accepted < outcome.cases
