"""Regimes compared over the seeds of studies: one table each, ranks across them, and a verdict."""

from collections.abc import Iterable, Sequence

import pandas as pd
from scipy.stats import rankdata

from harness.analysis.frontiers import regime_indices
from harness.analysis.pairs import Pair, SeedTables, over_seeds, pair, pair_table
from harness.analysis.policy_comparison import shown_of
from harness.statistics.paired import smallest_p

RIVAL = "joint"
FEW = 10
"""Seeds below which the bootstrap's intervals are too narrow to be taken at their word."""
MEANS = (
    "test_accuracy_at_25",
    "test_accuracy_at_50",
    "test_accuracy_at_75",
    "test_cost_at_95",
    "test_cost_at_99",
    "test_best_accuracy",
)


def regime_table(tables: SeedTables) -> pd.DataFrame:
    """The regimes of one study, best mean test hypervolume first: one row each.

    Columns: study, regime, trials, seeds (n); hypervolume, _low, _high: mean over seeds of the test
    hypervolume of each seed's own frontier, and its 95 % interval; gain, _low, _high: the same of
    the paired difference to `joint`; p: Wilcoxon's for it, p_holm: corrected for all pairs of the
    study, smallest_p: what n pairs can give at best; attains_joint: see `Pair.attains`; and means
    over seeds of test indices: accuracy (or RMSE) at 25, 50 and 75 % of full cost, cost at 95 and
    99 % of the seed's best accuracy (NaN where some seed does not reach it), best accuracy.
    """
    corrected = _corrected(tables)
    means = _means(tables)
    configurations = tables.record.configurations
    rows = []
    for name, own in tables.hypervolumes.groupby("regime"):
        regime = str(name)
        found = over_seeds(own)
        rows.append(
            {
                "study": tables.record.name,
                "regime": regime,
                "trials": sum(len(c.keys) for c in configurations if c.regime == regime),
                "seeds": len(own),
                "hypervolume": found.mean,
                "hypervolume_low": found.low,
                "hypervolume_high": found.high,
                **_against_rival(pair([tables], regime, RIVAL), corrected.get(regime)),
            }
        )
    table = pd.DataFrame(rows).join(means, on="regime")
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


def verdict(table: pd.DataFrame) -> str:
    """Wins, losses and what stays open against `joint` in one study, and what n allows to say.

    Parameters
    ----------
    table
        As `regime_table` makes it.
    """
    pairs = int(table["seeds"].max())
    parts = [f"n = {pairs} {'seed' if pairs == 1 else 'seeds'}."]
    others = table[(table["regime"] != RIVAL) & table["gain"].notna()]
    if len(others):
        above, below = others["gain_low"] > 0, others["gain_high"] < 0
        sides = {"above 0": above, "below 0": below, "open": ~above & ~below}
        told = [f"{side}: {_names(others['regime'][kept])}" for side, kept in sides.items()]
        parts.append(f"Gain over {RIVAL} by its 95 % interval: {'; '.join(told)}.")
    least = smallest_p(pairs)
    if least is None:
        parts.append("Intervals hold the sampling of test data alone, and there is no p.")
    else:
        if pairs < FEW:
            parts.append("Intervals of so few seeds are too narrow.")
        parts.append(f"No p of {pairs} pairs can be below {least:.4g}, even before correction.")
    return " ".join(parts)


def summary(ranked: pd.DataFrame) -> str:
    """One sentence over several studies: who gained on `joint` in all, in some, in none of them.

    Parameters
    ----------
    ranked
        As `with_ranks` makes it.
    """
    studies = ranked["study"].nunique()
    pairs = ranked.groupby("study")["seeds"].max().sum()
    shared = ranked[ranked["rank"].notna() & (ranked["regime"] != RIVAL)]
    wins = (shared["gain"] > 0).groupby(shared["regime"]).sum()
    sides = {
        f"above {RIVAL} in each": wins[wins == studies],
        "in some": wins[(wins > 0) & (wins < studies)],
        "in none": wins[wins == 0],
    }
    told = "; ".join(f"{name}: {_names(found.index)}" for name, found in sides.items())
    return f"Over {studies} studies ({pairs} pairs of study and seed), {told}."


def _means(tables: SeedTables) -> pd.DataFrame:
    """Means over seeds of each regime's test indices, NaN where a seed has none."""
    found = pd.concat(
        [regime_indices(tables.record, rows) for _, rows in tables.frontiers.groupby("seed")]
    )
    columns = shown_of(found, MEANS)
    means = found.groupby("regime")[columns].mean(skipna=False)
    return means.rename(columns=lambda column: str(column).removeprefix("test_"))


def _corrected(tables: SeedTables) -> dict[str, float]:
    """Each regime's p against the rival, corrected over all pairs of the study."""
    pairs = pair_table([tables])[["regime", "rival", "p_holm"]].itertuples(index=False)
    sides = [({regime, rival}, p) for regime, rival, p in pairs]
    return {name: p for names, p in sides if RIVAL in names for name in names - {RIVAL}}


def _against_rival(found: Pair | None, corrected: float | None) -> dict[str, object]:
    """The columns that compare a regime with the rival; the rival has no p against itself."""
    names = ("difference", "difference_low", "difference_high")
    gains = {name.replace("difference", "gain"): getattr(found, name, None) for name in names}
    tested = found is not None and corrected is not None
    return {
        **gains,
        "p": found.p if found and tested else None,
        "p_holm": corrected,
        "smallest_p": found.smallest_p if found and tested else None,
        f"attains_{RIVAL}": found.attains if found else None,
    }


def _names(regimes: Iterable[object]) -> str:
    return ", ".join(map(str, regimes)) or "none"
