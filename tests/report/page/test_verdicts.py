"""Verdicts on regimes follow from pairs, seeds and correction."""

import pandas as pd
import pytest

from harness.report.page.verdicts import Gain, verdicts

BOTH = "seeds and test samples"


@pytest.fixture
def pairs():
    rows = [
        ("a", "base", 0.3, 0.1, 0.5, 0.002),
        ("base", "b", 0.2, 0.1, 0.4, 0.004),
        ("base", "c", 0.1, 0.05, 0.3, 0.06),
        ("a", "b", 0.5, 0.4, 0.6, 0.002),
    ]
    names = ["regime", "other", "difference", "difference_low", "difference_high", "p"]
    return pd.DataFrame(rows, columns=names).assign(interval_of=BOTH, pairs=10)


def test_enough_fresh_seeds_decide_by_the_corrected_p_each_regime_once(pairs):
    above, below, inconclusive = verdicts("base", pairs, fresh=True)
    assert above.gains == (Gain("a", 0.3, 0.1, 0.5, BOTH, 0.006),)
    assert below.gains == (Gain("b", -0.2, -0.4, -0.1, BOTH, 0.008),)
    # Its interval excludes 0, which is not corrected.
    assert inconclusive.gains == (Gain("c", -0.1, -0.3, -0.05, BOTH, 0.06),)
    assert [verdict.title for verdict in (above, below, inconclusive)] == [
        "Better than", "Worse than", "Inconclusive against",
    ]  # fmt: skip
    assert above.evidence == "n = 10 fresh seeds, Holm's correction over 3"


@pytest.mark.parametrize(("seeds", "fresh"), [(2, True), (6, True), (10, False)])
def test_seeds_that_cannot_decide_call_no_regime_better_or_worse(pairs, seeds, fresh):
    (found,) = verdicts("base", pairs.assign(pairs=seeds), fresh)
    assert found.title == "Exploratory against"
    assert [gain.regime for gain in found.gains] == ["a", "c", "b"]
    kind = "fresh" if fresh else "searched"
    assert found.evidence == (
        f"n = {seeds} {kind} seeds, Holm's correction over 3: to decide takes n = 7 fresh seeds"
    )


def test_one_seed_has_no_p(pairs):
    one = pairs.assign(pairs=1, p=None, interval_of="test samples")
    (found,) = verdicts("base", one, fresh=True)
    assert {gain.p_holm for gain in found.gains} == {None}
    assert found.evidence.startswith("n = 1 fresh seed,")


def test_of_nothing_compared_there_is_no_verdict(pairs):
    assert not list(verdicts("none", pairs, fresh=True))
