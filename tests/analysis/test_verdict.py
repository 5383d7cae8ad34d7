"""What a comparison allows to conclude, on tables whose answers are known."""

import numpy as np
import pytest

from harness.analysis.pairs import seed_tables
from harness.analysis.verdict import findings, limits, verdict
from harness.statistics.paired import LEVEL, holm, seeds_needed, signed_rank_p, smallest_p
from tests.analysis.known import study


@pytest.fixture
def judged(seeded):
    def judge(values, baseline="joint", **how):
        return verdict(study(seed_tables(seeded), "s", values, **how), baseline)

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
    assert "none called better or worse; harness confirm trains" in findings(found)
    assert "won" not in findings(found)
    assert (found.configurations, found.of_regimes) == (0, False)
    # Of seeds on which was chosen nothing is claimed, whatever the splits and configurations.
    assert limits(found).startswith("One search found these configurations")
    assert limits(found).endswith("budgets of training or exit policies.")
    assert "split" not in limits(found)
    assert "only 0 configurations" not in limits(found)
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
    # One search may have been lucky with a regime: the words are of what it found.
    assert (found.searches, found.of_regimes) == (1, False)
    assert found.headline == (
        "Configurations found against joint: 1 better, 1 worse, 1 undecided (n = 7 fresh seeds, "
        "each with its own split; Holm over 3)"
    )
    text = findings(found)
    assert text.startswith(
        "On n = 7 fresh seeds, each with its own split, test hypervolume of the configurations "
        "found against joint (exact signed-rank test"
    )
    assert "significantly better: won (+0.1030 [" in text
    assert "significantly worse: lost (-0.2970 [" in text
    assert "no significant difference: near (" in text
    assert "No significant difference is not equality" in limits(found)
    assert "One search found these configurations" in limits(found)
    assert "Of some regime" not in limits(found)
    assert "share one split" not in limits(found)


def test_where_every_regime_differs_nothing_is_left_undecided(judged):
    found = judged({"won": rising(0.5, 6), "joint": [0.4] * 6}, resplit=False)
    assert found.headline == (
        "Configurations found against joint: 1 better, 0 worse, 0 undecided (n = 6 fresh seeds; "
        "Holm over 1)"
    )
    assert findings(found).endswith("every regime differs.")
    assert "p 0.031" in findings(found)
    assert "All seeds share one split: another may give another order." in limits(found)
    assert "not equality" not in limits(found)


def of_searches():
    """Three seeds of seven searches: single seeds of mixed lose, each search's mean wins."""
    n = 21
    mixed = [0.4 + (0.02 if seed % 3 else -0.01) + seed / 1000 for seed in range(n)]
    return {"won": rising(0.5, n), "joint": [0.4] * n, "mixed": mixed}


def test_of_several_searches_each_is_one_pair(judged):
    found = judged(of_searches(), searches=7)
    assert (found.n, found.seeds, found.searches, found.decides) == (7, 21, 7, True)
    assert [gain.side for gain in found.gains] == ["better", "better"]
    assert [gain.p_holm for gain in found.gains] == pytest.approx([2 * 2 / 128] * 2)
    assert found.rests_on == "n = 7 searches, 21 fresh seeds, each with its own split"
    assert found.of_regimes
    assert found.headline == (
        "Regimes against joint: 2 better, 0 worse, 0 undecided (n = 7 searches, 21 fresh seeds, "
        "each with its own split; Holm over 2)"
    )
    assert "test hypervolume against joint (" in findings(found)
    assert limits(found) == (
        "Nothing follows for other data, networks, budgets of training or exit policies."
    )
    few = judged(of_searches(), searches=3)
    assert (few.n, few.decides, few.of_regimes) == (3, False, False)
    assert few.headline.startswith("Exploratory: n = 3 searches, 21 fresh seeds")


@pytest.mark.parametrize("configurations", [11, 12, 13, None])
def test_a_claim_about_regimes_takes_configurations_enough_or_all_there_are(judged, configurations):
    found = judged(of_searches(), searches=7, configurations=configurations)
    few = configurations == 11
    assert (found.decides, found.of_regimes, found.tried_few) == (True, not few, few)
    named = "Configurations found" if few else "Regimes"
    assert found.headline.startswith(f"{named} against joint: 2 better")
    assert ("of the configurations found" in findings(found)) == few
    said = (
        "Of some regime a search tried only 11 configurations; a claim about regimes takes 12 of "
        "each."
    )
    assert (said in limits(found)) == few
    alone = limits(judged(of_searches(), configurations=configurations))
    assert ("Of some regime a search tried only 11" in alone) == few
    assert "A claim about regimes takes several (searches: 10 in the study file)." in alone
    # That what was found is better stays true of it.
    assert [gain.side for gain in found.gains] == ["better", "better"]


@pytest.mark.parametrize("tests", [1, 2, 6, 13])
def test_seeds_decide_where_the_smallest_p_survives_the_correction(judged, tests):
    needed = seeds_needed(tests)
    for n in (2, needed - 1, needed, needed + 1):
        if n < 2:
            continue
        known = {f"r{i}": rising(0.5 + i / 10, n) for i in range(tests)} | {"joint": [0.4] * n}
        reachable = holm([smallest_p(n), *[1.0] * (tests - 1)])[0] <= LEVEL
        assert judged(known).decides == reachable == (n >= seeds_needed(tests))
        assert not judged(known, fresh=False).decides


def test_the_baseline_is_the_one_named(judged):
    found = judged(values(7), baseline="won")
    assert (found.baseline, {gain.regime for gain in found.gains}) == (
        "won", {"joint", "near", "lost"}
    )  # fmt: skip
    assert {gain.side for gain in found.gains} == {"worse"}
    assert [gain.gain for gain in found.gains if gain.regime == "joint"] == pytest.approx([-0.103])


def test_with_one_seed_the_interval_is_of_test_samples(judged):
    (one,) = judged({"won": [0.5], "joint": [0.4]}).gains
    assert (one.interval_of, one.p_holm) == ("test samples", None)
    (two,) = judged({"won": [0.5, 0.6], "joint": [0.4, 0.4]}).gains
    assert two.interval_of == "seeds and test samples"


def test_without_the_baseline_there_is_nothing_to_compare(judged):
    found = judged({"mixed": [0.5, 0.6], "hard_cgt": [0.4, 0.5]})
    assert found.gains == ()
    assert findings(found) == "Nothing to compare with joint."
