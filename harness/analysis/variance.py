"""Where the variance of the gains over the baseline comes from, in a study of several searches."""

from dataclasses import asdict

import numpy as np
import pandas as pd

from harness.analysis.pairs import SeedTables
from harness.core.types import Floats
from harness.statistics.variance import variance_shares


def variance_table(tables: SeedTables) -> pd.DataFrame:
    """Shares of the variance of each regime's gain over the baseline: one row per regime.

    Columns: study, regime, searches, seeds, samples (`harness.statistics.variance.Shares`). Without
    rows unless several searches are confirmed, each on as many seeds (two at least).
    """
    columns = ["study", "regime", "searches", "seeds", "samples"]
    fresh, wide = tables.record.fresh, tables.hypervolumes
    baseline = tables.record.spec.baseline
    known, searches = wide.index.unique("regime"), fresh.searches if fresh else ()
    seeds = min(map(len, searches), default=0)
    if min(len(searches), seeds) <= 1 or baseline not in known:
        return pd.DataFrame(columns=columns)
    rows = []
    for regime in known:
        less = wide.xs(regime, level="regime") - wide.xs(baseline, level="regime")
        values: Floats = np.array(less.dropna().sort_index(), dtype=np.float64)
        if regime == baseline or len(values) != len(searches) * seeds:
            continue
        shares = variance_shares(values.reshape(len(searches), seeds, -1))
        rows.append({"study": tables.record.name, "regime": regime, **asdict(shares)})
    return pd.DataFrame(rows, columns=columns)
