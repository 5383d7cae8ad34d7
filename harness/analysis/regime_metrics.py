"""Each regime's metrics on test within a cost budget: means over seeds with their intervals.

Pure functions of the table that the frontier stage wrote (`metrics_at_budgets`).
"""

import math
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from harness.analysis.pairs import SeedTables, by_unit, seed_tables
from harness.core.budgets import DEPLOYMENT_BUDGETS
from harness.core.errors import InputError
from harness.core.types import Floats
from harness.results.confirmation import confirmation_folder
from harness.results.tables import read_at_budgets
from harness.statistics.paired import LEVEL

_NAMES = ("regime", "seed", "budget", "configuration", "key")
ROUTING = "share_exit_"
"""What begins the columns of routing."""


def check_budget(budget: float) -> None:
    """Refuse a budget that no table has; raises InputError."""
    if budget not in DEPLOYMENT_BUDGETS:
        known = f"{DEPLOYMENT_BUDGETS[0]:g}, {DEPLOYMENT_BUDGETS[1]:g}, .. {1:g}"
        raise InputError(f"--at {budget:g}: metrics are kept for the cost budgets {known}")


def regime_metrics(folder: Path, budget: float) -> tuple[SeedTables, pd.DataFrame]:
    """The regimes of one study within a budget of relative cost, and its tables over seeds.

    Of each seed it is the point that is best on its validation part within the budget, as for
    `accuracy_at_25` in `harness.analysis.comparison.regime_table`; of fresh seeds where the study
    is confirmed.

    Returns
    -------
    The tables; and one row per regime of which every seed has such a point, best oa (or rmse)
    first: study, regime, seeds, fresh, budget, cost and the metrics of
    `harness.analysis.metrics_at_budgets`, each with _low and _high (95 % interval of the mean over
    seeds; NaN with one seed), and share_exit_1.. (mean routing).

    Raises
    ------
    InputError
        The frontier stage did not run since, there is no such budget, or no point within it.
    """
    check_budget(budget)
    tables = seed_tables(folder)
    own = confirmation_folder(folder) if tables.fresh else folder
    table = read_at_budgets(own)
    within = table[table["budget"] == budget]
    seeds = tables.frontiers.groupby("regime")["seed"].nunique()
    rows = [
        {
            "study": tables.record.name,
            "regime": str(regime),
            "seeds": len(rows),
            "fresh": tables.fresh,
            "budget": budget,
            **means_over_seeds(tables, rows),
        }
        for regime, rows in within.groupby("regime")
        if len(rows) == seeds[regime]
    ]
    if not rows:
        raise InputError(f"--at {budget:g}: no regime has a point within this cost with every seed")
    found = pd.DataFrame(rows)
    best = (["rmse"], True) if "rmse" in found else (["oa"], False)
    return tables, found.sort_values(best[0], ascending=best[1], ignore_index=True)


def means_over_seeds(tables: SeedTables, rows: pd.DataFrame) -> Mapping[str, float]:
    """Mean of each metric of one regime over its seeds, with the ends of its 95 % interval.

    Parameters
    ----------
    rows
        Of `harness.analysis.metrics_at_budgets`, one per seed.

    Returns
    -------
    cost and the metrics by name, each with _low and _high; and share_exit_1.. without. Seeds of one
    search are averaged first.
    """
    units = rows["seed"].map(tables.record.units())
    index = pd.MultiIndex.from_arrays(
        [[tables.record.name] * len(rows), units, rows["seed"]], names=["study", "unit", "seed"]
    )
    means = by_unit(rows.drop(columns=[*_NAMES]).set_index(index))
    found: dict[str, float] = {}
    for name in map(str, means):
        values = means[name].to_numpy(dtype=np.float64)
        found[name] = float(values.mean())
        if not name.startswith(ROUTING):
            half = _half_width(values)
            found |= {f"{name}_low": found[name] - half, f"{name}_high": found[name] + half}
    return found


def _half_width(values: Floats) -> float:
    """Of Student's t interval of a mean; NaN of one value."""
    from scipy.special import stdtrit  # slow to import

    if len(values) == 1:
        return math.nan
    quantile = float(stdtrit(len(values) - 1, 1 - LEVEL / 2))
    return quantile * float(values.std(ddof=1)) / math.sqrt(len(values))
