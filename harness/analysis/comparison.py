"""Regimes compared over seeds: a table per study, ranks over several studies, and a verdict."""

from collections.abc import Iterable, Mapping, Sequence

import pandas as pd
from scipy.stats import rankdata

from harness.analysis.frontiers import regime_indices
from harness.analysis.pairs import Pair, SeedTables, by_unit, corrected, over_units, pair
from harness.core.budgets import at_budgets
from harness.statistics.paired import seeds_needed, smallest_p


def regime_table(tables: SeedTables) -> pd.DataFrame:
    """The regimes of one study, best mean test hypervolume first: one row each.

    Columns: study, regime, trials, seeds; fresh: whether nothing was chosen on the seeds;
    hypervolume, _low, _high: mean over seeds of the test hypervolume of each seed's own frontier,
    and its 95 % interval; interval_of: what the interval allows for; gain, _low, _high: the same of
    the paired difference to the study's baseline; p: Wilcoxon's for it, of fresh seeds alone,
    p_holm: corrected over the regimes compared with the baseline, smallest_p: the smallest that n
    pairs can give; attains_baseline: see `Pair.attains`; and means over seeds
    of test indices: accuracy (or RMSE) at 25, 50 and 75 % of full cost and what is spent there,
    cost at 95 and 99 % of the seed's best score, best accuracy (or RMSE); NaN where some seed has
    none.
    """
    baseline = tables.record.spec.baseline
    configurations = tables.record.configurations
    rows = []
    for name, own in tables.hypervolumes.groupby("regime"):
        regime = str(name)
        found = over_units(by_unit(own))
        rows.append(
            {
                "study": tables.record.name,
                "regime": regime,
                "trials": sum(len(c.keys) for c in configurations if c.regime == regime),
                "seeds": len(own),
                "fresh": tables.fresh,
                "hypervolume": found.mean,
                "hypervolume_low": found.low,
                "hypervolume_high": found.high,
                "interval_of": found.interval_of,
                **_against_baseline(pair([tables], regime, baseline), regime == baseline),
            }
        )
    table = pd.DataFrame(rows)
    table.insert(list(table).index("smallest_p"), "p_holm", corrected(table["p"]))
    table = table.join(_means(tables), on="regime")
    return table.sort_values("hypervolume", ascending=False, ignore_index=True)


def with_ranks(tables: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """The rows of several `regime_table`s, with ranks by hypervolume.

    Adds rank (1 is best, ties share theirs) among the regimes that all studies have, and mean_rank
    over the studies; NaN for regimes that some study lacks.
    """
    shared = set.intersection(*(set(table["regime"]) for table in tables))
    ranked = []
    for table in tables:
        kept = table[table["regime"].isin(shared)]
        ranks = pd.Series(rankdata(-kept["hypervolume"]), index=kept.index)
        ranked.append(table.assign(rank=ranks.reindex(table.index)))
    found = pd.concat(ranked, ignore_index=True)
    return found.assign(mean_rank=found.groupby("regime")["rank"].transform("mean"))


def rank_table(ranked: pd.DataFrame) -> pd.DataFrame:
    """One row per regime that all studies have, best mean rank first: its rank in each study."""
    kept = ranked.dropna(subset="rank")
    wide = kept.set_index(["regime", "study"])["rank"].unstack()[kept["study"].unique()]  # noqa: PD010
    wide = wide.assign(mean_rank=wide.mean(axis=1)).sort_values("mean_rank", kind="stable")
    return wide.reset_index().rename_axis(columns=None)


def significance(pairs: int, tests: int, family: str) -> str:
    """What n pairs allow a family of signed-rank tests to show, in a sentence.

    Parameters
    ----------
    family
        What is tested, in the plural.
    """
    needed = seeds_needed(tests)
    least = smallest_p(pairs)
    if least is None:
        return (
            f"For n = 1 there is no p-value; a significant one takes n = {needed} for {tests} "
            f"{family}."
        )
    reached = (
        ""
        if pairs >= needed
        else f", so that none can be significant at the 5 % level: that takes n = {needed}"
    )
    return (
        f"Holm's correction is over the {tests} {family}: for n = {pairs} the smallest p-value "
        f"that the signed-rank test can give is {least:.4g}, corrected "
        f"{min(1.0, tests * least):.4g}{reached}."
    )


def verdict_over_studies(ranked: pd.DataFrame, baselines: Mapping[str, str]) -> str:
    """One sentence over several studies: which regimes beat the baseline in all, some, none.

    Parameters
    ----------
    ranked
        As `with_ranks` makes it.
    baselines
        Each study's, by the study's name.
    """
    studies = ranked["study"].nunique()
    pairs = ranked.groupby("study")["seeds"].max().sum()
    own = ranked["study"].map(baselines)
    shared = ranked[ranked["rank"].notna() & (ranked["regime"] != own)]
    wins = (shared["gain"] > 0).groupby(shared["regime"]).sum()
    names = set(baselines.values())
    name = min(names) if len(names) == 1 else "the study's baseline"
    sides = {
        "in every study": wins[wins == studies],
        "in some": wins[(wins > 0) & (wins < studies)],
        "in none": wins[wins == 0],
    }
    named = "; ".join(f"{side}: {_names(found.index)}" for side, found in sides.items())
    return (
        f"Regimes with more mean test hypervolume than {name}, of {studies} studies "
        f"({pairs} pairs of study and seed): {named}."
    )


def _means(tables: SeedTables) -> pd.DataFrame:
    """Means over seeds of each regime's test indices, NaN where a seed has none."""
    found = pd.concat(
        [regime_indices(tables.record, rows) for _, rows in tables.frontiers.groupby("seed")]
    )
    measure = tables.record.measure
    costs = ("test_cost_at_95", "test_cost_at_99")
    at = (*at_budgets(f"test_{measure}"), *at_budgets("test_spent"))
    columns = [*at, *costs, f"test_best_{measure}"]
    means = found.groupby("regime")[columns].mean(skipna=False)
    return means.rename(columns=lambda column: str(column).removeprefix("test_"))


def _against_baseline(found: Pair | None, own: bool) -> dict[str, object]:
    """The columns that compare a regime with the baseline, which has no p against itself."""
    names = ("difference", "difference_low", "difference_high")
    gains = {name.replace("difference", "gain"): getattr(found, name, None) for name in names}
    return {
        **gains,
        "p": found.p if found and not own else None,
        "smallest_p": found.smallest_p if found and not own else None,
        "attains_baseline": found.attains if found else None,
    }


def _names(regimes: Iterable[object]) -> str:
    return ", ".join(map(str, regimes)) or "none"
