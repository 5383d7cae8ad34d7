"""How much tuning decides: known answers on made-up searches, and the searches that git holds."""

import pandas as pd
import pytest

from docs.findings_sensitivity import configurations, sensitivity_table, tuning_table
from tests.conftest import REPOSITORY


@pytest.fixture(scope="module")
def searched():
    return configurations([REPOSITORY / "results" / "cgt_patch_10"])


def made(scores: dict[int, list[float]]) -> pd.DataFrame:
    """Searches of hard_cgt, by number, over tau: one configuration in each third of its range."""
    rows = [
        {
            "study": "one",
            "search": search,
            "regime": "hard_cgt",
            "number": 3 * search + index,
            "parameter": "tau",
            "slice": index,
            "name": f"third {index}",
            "importance": 0.5,
            "score": score,
            "gain": score - sum(own) / 3,
        }
        for search, own in scores.items()
        for index, score in enumerate(own)
    ]
    return pd.DataFrame(rows)


def test_a_slice_has_its_mean_against_its_search_with_t_s_interval():
    # The gains of the last third are .02 and .04: their mean is .03, and the half width of its
    # interval 12.706 times their standard error of .01.
    shown = sensitivity_table(made({0: [0.5, 0.53, 0.545], 1: [0.6, 0.6, 0.66]}))
    assert "| hard_cgt | tau | 0.50 (0.50 to 0.50) |" in shown
    assert "third 2: +3.0 [-9.7, +15.7] |" in shown


def test_the_best_of_a_search_is_compared_with_its_own_median_and_worst():
    shown = tuning_table(made({0: [0.5, 0.52, 0.53], 1: [0.6, 0.61, 0.62]}))
    assert shown.splitlines()[-1] == ("| hard_cgt | 2 | +1.0 [+1.0, +1.0] | +2.5 [-3.9, +8.9] |")


def test_gains_of_a_search_are_against_its_own_mean(searched):
    each = searched.drop_duplicates(["study", "number"])
    sums = each.groupby(["study", "search", "regime"])["gain"].agg(["sum", "size"])
    assert sums["sum"].abs().max() < 1e-9
    assert set(sums["size"]) == {12}


def test_values_lie_in_the_slice_that_is_named(searched):
    tau = searched[searched["parameter"] == "tau"]
    ends = tau["name"].str.split(" to ", expand=True).astype(float)
    # Ends are written with two digits.
    assert (tau["value"].astype(float) >= ends[0] - 0.005).all()
    assert (tau["value"].astype(float) <= ends[1] + 0.005).all()
    assert tau["place"].between(0, 1).all()
    kappa = searched[searched["parameter"] == "kappa"]
    assert set(kappa["name"]) == {"1 to 3.1", "3.1 to 9.7", "9.7 to 30"}  # of a logarithmic range


def test_tau_and_kappa_of_the_soft_gate_count_where_it_is_logistic_alone(searched):
    soft = searched[searched["regime"] == "soft_cgt"]
    logistic = soft.loc[(soft["parameter"] == "h") & (soft["value"] == "logistic"), "number"]
    assert 0 < len(logistic) < soft["number"].nunique()
    for parameter in ("tau", "kappa"):
        assert set(soft.loc[soft["parameter"] == parameter, "number"]) == set(logistic)
