"""Lists of gains follow from verdicts, of pairs, seeds and correction."""

import numpy as np
import pytest

from harness.analysis.pairs import seed_tables
from harness.analysis.verdict import verdict
from harness.report.page.verdicts import gain_lists
from harness.statistics.paired import holm, signed_rank_p
from tests.analysis.known import study


def values(n):
    """Two regimes apart from the baseline by a gain of one sign, one by either sign."""
    near = [0.4 + (-1) ** seed * seed / 1000 for seed in range(n)]
    apart = {name: [at + seed / 1000 for seed in range(n)] for name, at in (("a", 0.5), ("b", 0.1))}
    return {**apart, "base": [0.4] * n, "c": near}


@pytest.fixture
def judged(seeded):
    def judge(known, **how):
        return verdict(study(seed_tables(seeded), "s", known, **how), "base")

    return judge


def test_enough_fresh_seeds_decide_by_the_corrected_p_each_regime_once(judged):
    found = judged(values(10))
    lists = tuple(gain_lists(found))
    assert [each.title for each in lists] == ["Better than", "Worse than", "Undecided against"]
    assert [[gain.regime for gain in each.gains] for each in lists] == [["a"], ["b"], ["c"]]
    assert {each.baseline for each in lists} == {"base"}
    (above,), (below,), (undecided,) = (each.gains for each in lists)
    assert (above.gain, below.gain) == pytest.approx((0.1045, -0.2955))
    # An interval that excludes 0 is not corrected: the p-value decides.
    p = [2 / 1024, 2 / 1024, signed_rank_p(np.array(values(10)["c"]) - 0.4)]
    assert [gain.p_holm for gain in (above, below, undecided)] == pytest.approx(holm(p))
    assert {each.evidence for each in lists} == {
        "n = 10 fresh seeds, each with its own split; Holm's correction over 3"
    }


def test_a_side_without_regimes_is_listed_without_any(judged):
    known = values(10)
    known.pop("b")
    assert [len(each.gains) for each in gain_lists(judged(known))] == [1, 0, 1]


@pytest.mark.parametrize(("seeds", "fresh"), [(2, True), (6, True), (10, False)])
def test_seeds_that_cannot_decide_call_no_regime_better_or_worse(judged, seeds, fresh):
    (found,) = gain_lists(judged(values(seeds), fresh=fresh, resplit=False))
    assert (found.title, found.baseline) == ("Exploratory against", "base")
    assert [gain.regime for gain in found.gains] == ["a", "c", "b"]
    kind = "fresh" if fresh else "searched"
    assert found.evidence == (
        f"n = {seeds} {kind} seeds; Holm's correction over 3: to decide takes n = 7 of fresh seeds"
    )


def test_one_seed_has_no_p(judged):
    (found,) = gain_lists(judged(values(1)))
    assert {gain.p_holm for gain in found.gains} == {None}
    assert {gain.interval_of for gain in found.gains} == {"test samples"}
    assert found.evidence.startswith("n = 1 fresh seed,")


def test_of_nothing_compared_there_is_no_list(judged):
    assert not list(gain_lists(judged({"a": [0.5, 0.6], "b": [0.4, 0.5]})))
