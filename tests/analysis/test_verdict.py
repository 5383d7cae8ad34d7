"""What a comparison allows to conclude, on tables whose answers are known."""

import numpy as np
import pytest

from harness.analysis.comparison import regime_table
from harness.analysis.pairs import seed_tables
from harness.analysis.verdict import findings, limits, verdict
from harness.statistics.paired import holm, signed_rank_p
from tests.analysis.known import study


@pytest.fixture
def judged(seeded):
    def judge(values, **how):
        tables = study(seed_tables(seeded), "s", values, **how)
        return verdict(tables, regime_table(tables))

    return judge


def rising(start, n):
    return [start + seed / 1000 for seed in range(n)]


def values(n):
    """Gains of one sign for two regimes, of either sign for the third."""
    near = [0.4 + (-1) ** seed * seed / 1000 for seed in range(n)]
    return {"won": rising(0.5, n), "joint": [0.4] * n, "lost": rising(0.1, n), "near": near}


def test_seeds_on_which_was_chosen_decide_nothing(judged):
    found = judged(values(7), fresh=False)
    assert not found.decides
    assert {gain.side for gain in found.gains} == {"undecided"}
    assert {gain.p_holm for gain in found.gains} == {None}
    assert found.headline == "Exploratory: n = 7 searched seeds, nothing tested"
    assert "none is called better or worse; `harness confirm` trains" in findings(found)
    assert "won" not in findings(found)
    assert "All seeds share one split" in limits(found)
    one = judged({"won": [0.5], "joint": [0.4]}, fresh=False)
    assert one.rests_on == "n = 1 searched seed"


def test_too_few_fresh_seeds_are_exploratory_and_say_how_many_it_takes(judged):
    found = judged(values(6))
    assert (found.n, found.needed, found.decides) == (6, 7, False)
    assert {gain.side for gain in found.gains} == {"undecided"}
    assert found.headline == (
        "Exploratory: n = 6 fresh seeds, each with its own split; significance takes n = 7 "
        "(Holm over 3)"
    )
    assert findings(found).endswith(
        "For n = 6 the smallest p-value is 0.03125, which Holm's correction over 3 comparisons "
        "with joint leaves above 5 %: significance takes n = 7."
    )
    assert "No significant difference is not equality" not in limits(found)
    (one,) = judged({"won": [0.5], "joint": [0.4]}).gains
    assert one.side == "undecided"


def test_enough_fresh_seeds_tell_better_from_worse_after_the_correction(judged):
    found = judged(values(7))
    sides = {gain.regime: gain.side for gain in found.gains}
    assert sides == {"won": "better", "near": "undecided", "lost": "worse"}
    assert [gain.regime for gain in found.gains] == ["won", "near", "lost"]
    p = [2 / 128, signed_rank_p(np.array(values(7)["near"]) - 0.4), 2 / 128]
    assert [gain.p_holm for gain in found.gains] == pytest.approx(holm(p))
    assert found.headline == (
        "Against joint: 1 better, 1 worse, 1 undecided (n = 7 fresh seeds, each with its own "
        "split; Holm over 3)"
    )
    text = findings(found)
    assert text.startswith("On n = 7 fresh seeds, each with its own split, test hypervolume")
    assert "significantly better: won (+0.1030 [" in text
    assert "significantly worse: lost (-0.2970 [" in text
    assert "no significant difference: near (" in text
    assert "No significant difference is not equality" in limits(found)
    assert "One search found these configurations" in limits(found)
    assert "share one split" not in limits(found)


def test_where_every_regime_differs_nothing_is_left_undecided(judged):
    found = judged({"won": rising(0.5, 6), "joint": [0.4] * 6}, resplit=False)
    assert found.headline == (
        "Against joint: 1 better, 0 worse, 0 undecided (n = 6 fresh seeds; Holm over 1)"
    )
    assert findings(found).endswith("every regime differs.")
    assert "p 0.031" in findings(found)
    assert "All seeds share one split: another may give another order." in limits(found)
    assert "not equality" not in limits(found)


def test_of_several_searches_each_is_one_pair(judged):
    n = 21
    won = [0.5 + seed / 1000 for seed in range(n)]
    mixed = [0.4 + (0.02 if seed % 3 else -0.01) + seed / 1000 for seed in range(n)]
    found = judged({"won": won, "joint": [0.4] * n, "mixed": mixed}, searches=7)
    assert (found.n, found.seeds, found.searches, found.decides) == (7, 21, 7, True)
    # Single seeds of mixed lose, but each search's mean of its three wins.
    assert [gain.side for gain in found.gains] == ["better", "better"]
    assert [gain.p_holm for gain in found.gains] == pytest.approx([2 * 2 / 128] * 2)
    assert found.rests_on == "n = 7 searches, 21 fresh seeds, each with its own split"
    assert "One search" not in limits(found)
    few = judged({"won": won, "joint": [0.4] * n, "mixed": mixed}, searches=3)
    assert (few.n, few.decides) == (3, False)


def test_without_the_baseline_there_is_nothing_to_compare(judged):
    found = judged({"mixed": [0.5, 0.6], "hard_cgt": [0.4, 0.5]})
    assert found.gains == ()
    assert findings(found) == "Nothing to compare with joint."
