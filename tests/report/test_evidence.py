"""When seeds can decide."""

import pytest

from harness.report.evidence import decides
from harness.statistics.paired import LEVEL, holm, seeds_needed, smallest_p


@pytest.mark.parametrize("tests", [1, 2, 6, 13])
def test_seeds_decide_where_the_smallest_p_survives_the_correction(tests):
    for seeds in range(2, 15):
        reachable = holm([smallest_p(seeds), *[1.0] * (tests - 1)])[0] <= LEVEL
        assert decides(seeds, tests, fresh=True) == reachable == (seeds >= seeds_needed(tests))
        assert not decides(seeds, tests, fresh=False)
