"""Tables over seeds whose hypervolumes are known, for what compares regimes."""

import itertools

import numpy as np
import pandas as pd

from harness.analysis.pairs import SeedTables
from harness.results.fresh_seeds import FreshSeeds
from tests.records import changed


def fresh_seeds(searches, resplit=True, configurations=12):
    """The fresh seeds of a confirmation of nothing."""
    return FreshSeeds(
        searches=searches,
        digests=dict.fromkeys(itertools.chain(*searches), "d"),
        searched="",
        candidates=(),
        configurations=configurations,
        resplit=resplit,
    )


def study(tables, name, values, searches=1, fresh=True, **how):
    """A study of known hypervolumes: by regime one per seed; each frontier is a point as high.

    Seeds are fresh, as many of each search, unless `fresh` says otherwise; `how` are arguments of
    `fresh_seeds`.
    """
    generator = np.random.default_rng(0)
    shared = 0.001 * generator.normal(size=40)
    most = max(map(len, values.values()))
    each = tuple(map(tuple, np.array_split(range(most), searches)))
    found = fresh_seeds([[int(seed) for seed in own] for own in each], **how) if fresh else None
    record = changed(tables.record, spec={"name": name, "seeds": range(most)}, fresh=found)
    units = record.units()
    rows = {
        (name, regime, units[seed], seed): np.concatenate([[value], value + shared])
        for regime, seeds in values.items()
        for seed, value in enumerate(seeds)
    }
    frontier = tables.frontiers.iloc[[0]]
    frontiers = [
        frontier.assign(regime=regime, seed=seed, validation_cost=0.5, test_accuracy=value[0])
        for (_, regime, _, seed), value in rows.items()
    ]
    index = pd.MultiIndex.from_tuples(rows, names=["study", "regime", "unit", "seed"])
    wide = pd.DataFrame(np.stack(list(rows.values())), index=index)
    return SeedTables(record, pd.concat(frontiers, ignore_index=True), wide)
