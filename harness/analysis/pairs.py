"""Pairs of regimes compared over the seeds that both have: differences, p-values, attainment.

Pure functions of the tables that the frontier stage wrote per seed.
"""

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from functools import cached_property
from pathlib import Path

import pandas as pd

from harness.analysis.chosen_points import staircase_of
from harness.core.types import Ints, Staircase
from harness.frontier.staircase import FULL_COST
from harness.results import study_record
from harness.results.confirmation import confirmation_folder, confirmed
from harness.results.study_record import StudyRecord
from harness.results.tables import read_hypervolumes, read_seeds
from harness.statistics.attainment import attained_share
from harness.statistics.paired import (
    Estimate,
    IntervalOf,
    estimate,
    holm,
    signed_rank_p,
    smallest_p,
)

EVERY_STUDY = "all studies"


@dataclass(frozen=True)
class SeedTables:
    """A study's frontiers and test hypervolumes per seed, as the frontier stage wrote them.

    Of a study that is confirmed they are of its fresh seeds; else of the searched ones, on which
    its configurations were chosen: then nothing is tested on them.

    Attributes
    ----------
    frontiers
        One row per operating point of each regime's and seed's frontier.
    hypervolumes
        Test hypervolumes: rows (study, regime, unit, seed), columns replicates 0 (the test part as
        it is), 1, ... B. Units are what varies independently: the searches of a confirmation, where
        there are several, else the seeds.
    """

    record: StudyRecord
    frontiers: pd.DataFrame
    hypervolumes: pd.DataFrame

    @property
    def fresh(self) -> bool:
        """Whether its seeds are fresh: nothing was chosen on them."""
        return self.record.fresh is not None

    @property
    def rests_on(self) -> str:
        """Number and kind of the seeds in a few words: `n = 10 fresh seeds`, say."""
        seeds = self.frontiers["seed"].nunique()
        kind = "fresh" if self.fresh else "searched"
        return f"n = {seeds} {kind} {'seed' if seeds == 1 else 'seeds'}"

    @cached_property
    def staircases(self) -> Mapping[tuple[str, int], Staircase]:
        """Each frontier's staircase on test, by regime and seed."""
        return {
            (str(name[0]), int(str(name[1]))): staircase_of(rows, "test")
            for name, rows in self.frontiers.groupby(["regime", "seed"])
        }


@dataclass(frozen=True)
class Pair:
    """A regime compared with another over the seeds that both have.

    Attributes
    ----------
    pairs
        n: number of (study, unit); see `SeedTables`.
    difference, difference_low, difference_high
        Mean test hypervolume, regime less the other, and its 95 % interval.
    interval_of
        What the interval allows for: `test samples` alone where a study has one seed.
    p, smallest_p
        Of Wilcoxon's signed-rank test for the difference, and the smallest that it can give for
        n pairs; None for n = 1, and for seeds on which configurations were chosen.
    attains, attained
        Share of the cost budgets at which the regime's point, chosen on validation, is at least as
        accurate on test as the other's, and the other way round (`attained_share`, averaged over
        the pairs).
    """

    pairs: int
    difference: float
    difference_low: float
    difference_high: float
    interval_of: IntervalOf
    p: float | None
    smallest_p: float | None
    attains: float
    attained: float

    def turned(self) -> "Pair":
        """The same with the two exchanged."""
        return replace(
            self,
            difference=-self.difference,
            difference_low=-self.difference_high,
            difference_high=-self.difference_low,
            attains=self.attained,
            attained=self.attains,
        )


def seed_tables(folder: Path) -> SeedTables:
    """Read a study's tables, of its confirmation where it is confirmed.

    Raises
    ------
    InputError
        The frontier stage did not run since, or the search went on after it was confirmed.
    """
    record = confirmed(folder)
    own = folder if record is None else confirmation_folder(folder)
    frontiers, areas = read_seeds(own), read_hypervolumes(own)
    return tables_of(record or study_record.read_study_record(folder), frontiers, areas)


def tables_of(record: StudyRecord, frontiers: pd.DataFrame, areas: pd.DataFrame) -> SeedTables:
    """A study's tables over seeds, from those that the frontier stage makes.

    Parameters
    ----------
    areas
        Hypervolumes by regime, seed and replicate.
    """
    units = record.units()
    long = areas.assign(study=record.name, unit=areas["seed"].map(units))
    keys = ["study", "regime", "unit", "seed", "replicate"]
    wide = long.set_index(keys)["hypervolume"].unstack()  # noqa: PD010
    return SeedTables(record, frontiers, wide)


def pair(studies: Sequence[SeedTables], regime: str, other: str) -> Pair | None:
    """Compare two regimes over some studies; None where they share no seed."""
    wide = pd.concat([tables.hypervolumes for tables in studies])
    known = wide.index.unique("regime")
    if not {regime, other} <= set(known):
        return None
    first, second = (wide.xs(name, level="regime") for name in (regime, other))
    shared = first.index.intersection(second.index)
    if not len(shared):
        return None
    less = by_unit(pd.DataFrame(first.loc[shared] - second.loc[shared]))
    found = over_units(less)
    tested = all(tables.fresh for tables in studies)
    steps = {tables.record.name: tables.staircases for tables in studies}
    return Pair(
        pairs=len(less),
        difference=found.mean,
        difference_low=found.low,
        difference_high=found.high,
        interval_of=found.interval_of,
        p=signed_rank_p(less.to_numpy()[:, 0]) if tested else None,
        smallest_p=smallest_p(len(less)) if tested else None,
        attains=_share([(steps[s][regime, n], steps[s][other, n]) for s, _, n in shared]),
        attained=_share([(steps[s][other, n], steps[s][regime, n]) for s, _, n in shared]),
    )


def by_unit(values: pd.DataFrame) -> pd.DataFrame:
    """Means over the seeds of each unit, of rows (study, ..., unit, seed): rows (study, unit)."""
    return values.groupby(level=["study", "unit"], sort=False).mean()


def over_units(values: pd.DataFrame) -> Estimate:
    """Mean and interval of rows (study, unit), columns replicates; units stay in studies."""
    groups: Ints = pd.factorize(values.index.get_level_values("study"))[0]
    return estimate(values.to_numpy(), groups)


def pair_table(studies: Sequence[SeedTables]) -> pd.DataFrame:
    """All pairs of regimes within each study and, of several, over the seeds of all of them.

    Columns: study (`all studies` for the latter), regime, other, the fields of `Pair`, and p_holm:
    Holm's correction over all pairs of that study, a larger family than that of `regime_table`. Of
    two regimes the one with more hypervolume is the regime; the largest difference comes first.
    """
    families = [[tables] for tables in studies]
    if len(studies) > 1:
        families.append(list(studies))
    return pd.concat([_family(family) for family in families], ignore_index=True)


def _family(studies: Sequence[SeedTables]) -> pd.DataFrame:
    columns = ["regime", "other", *(field.name for field in fields(Pair))]
    table = pd.DataFrame(_pairs(studies), columns=columns)
    name = studies[0].record.name if len(studies) == 1 else EVERY_STUDY
    table.insert(0, "study", name)
    table.insert(list(table).index("smallest_p"), "p_holm", corrected(table["p"]))
    return table.sort_values("difference", ascending=False, kind="stable", ignore_index=True)


def _pairs(studies: Sequence[SeedTables]) -> Iterator[dict[str, object]]:
    names = sorted(
        {name for tables in studies for name in tables.hypervolumes.index.unique("regime")}
    )
    for regime, other in itertools.combinations(names, 2):
        found = pair(studies, regime, other)
        if found is not None and found.difference < 0:
            yield {"regime": other, "other": regime, **asdict(found.turned())}
        elif found is not None:
            yield {"regime": regime, "other": other, **asdict(found)}


def corrected(p: pd.Series) -> pd.Series:
    """Holm's correction over all p-values of a column, which are one family; NaN stays NaN."""
    adjusted = holm([None if pd.isna(value) else float(value) for value in p])
    return pd.Series(adjusted, index=p.index, dtype=float)


def _share(pairs: Sequence[tuple[Staircase, Staircase]]) -> float:
    # A regime without a point below full cost gives NaN, which says nothing and does not count.
    return float(pd.Series([attained_share(own, other, FULL_COST) for own, other in pairs]).mean())
