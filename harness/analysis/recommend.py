"""Which regime, configuration and thresholds to deploy for a cost or an accuracy, and how sure.

Chosen on validation over the fresh seeds of a confirmation, judged on test.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd

from harness.analysis.chosen_points import best_within
from harness.analysis.evaluation import Evaluation, cost_axis, evaluations
from harness.analysis.frontiers import evaluate_on_test, validation_points
from harness.analysis.pairs import over_units
from harness.analysis.seeds import resampled_point, resamples
from harness.core.budgets import CostName
from harness.core.choice_text import read_choice
from harness.core.errors import InputError
from harness.core.records import Record
from harness.core.study_spec import PolicyChoice
from harness.core.types import Ints
from harness.frontier.operating_point import OperatingPoint, measured
from harness.results.confirmation import (
    confirmation_folder,
    read_confirmed,
    read_test_samples,
)
from harness.results.study_record import StudyRecord
from harness.results.tables import cost_and_score
from harness.statistics.paired import LEVEL, Estimate, signed_rank_p

_CANDIDATE = ["regime", "configuration"]


class Goal(Record):
    """What is asked for: a budget of relative cost, or a score that is to be reached."""

    cost: float | None = None
    score: float | None = None

    @property
    def words(self) -> str:
        """What is asked for, in words."""
        if self.cost is not None:
            return f"within {self.cost:.0%} of the cost of the largest full static network"
        return f"for a score of at least {self.score:g}"


class Mean(Record):
    """A mean over fresh seeds with its 95 % interval."""

    mean: float
    low: float
    high: float

    @classmethod
    def of(cls, found: Estimate) -> "Mean":
        """An estimate without what its interval allows for, which is seeds and test samples."""
        return cls(mean=found.mean, low=found.low, high=found.high)


class Deployment(Record):
    """A configuration with thresholds chosen for a goal, and what they do on test.

    Attributes
    ----------
    configuration, searched, search
        Its number in the confirmation, that in the search, and which search found it.
    parameters
        As the study file names them.
    score, cost
        Expected on test, over fresh seeds.
    routing
        Mean share of the test samples that leaves at each exit.
    validation_score, validation_cost
        Means over fresh seeds, by which it was chosen.
    key, seed, static_exit, thresholds
        The network to deploy: that of the seed whose validation score is the median, so that it is
        a typical one. Where no sample leaves, the threshold is None.
    measured
        Of this network on its own validation and test parts, by the columns of the frontier stage:
        `test_accuracy`, `test_cost` and so on.
    """

    regime: str
    configuration: int
    searched: int
    search: int
    parameters: dict[str, bool | int | float | str]
    score: Mean
    cost: Mean
    routing: tuple[float, ...]
    validation_score: float
    validation_cost: float
    key: str
    seed: int
    static_exit: int
    thresholds: tuple[float | None, ...]
    measured: dict[str, float]

    @property
    def point(self) -> OperatingPoint:
        """The network with its thresholds, to be exported."""
        thresholds = tuple(math.inf if each is None else each for each in self.thresholds)
        number = self.configuration
        return OperatingPoint(self.regime, self.key, number, thresholds, self.measured)


class Recommendation(Record):
    """What to deploy for a goal.

    Attributes
    ----------
    runner_up
        The best configuration of any other regime; None where none meets the goal.
    difference
        Of the test score for a cost, of the test cost for a score: the chosen less the runner-up,
        paired over fresh seeds; None where they share none, being of different searches.
    p
        Of the exact signed-rank test for it; None for fewer than two pairs.
    n
        Pairs: fresh seeds that both were trained on.
    """

    goal: Goal
    chosen: Deployment
    runner_up: Deployment | None
    difference: Mean | None
    p: float | None
    n: int

    @property
    def significant(self) -> bool:
        """Whether the difference to the runner-up is significant at the 5 % level."""
        return self.p is not None and self.p < LEVEL


@dataclass(frozen=True)
class ConfirmedPoints:
    """The operating points of a confirmation on validation, ready to be chosen from.

    Attributes
    ----------
    folder
        Of the confirmation.
    points
        As `harness.analysis.frontiers.validation_points` makes them.
    tested
        Which samples of the data set each seed is tested on.
    """

    folder: Path
    record: StudyRecord
    evaluation: Evaluation
    points: pd.DataFrame
    tested: Mapping[int, Ints]
    pool: Ints = field(init=False)

    def __post_init__(self) -> None:
        """Find all samples that some seed is tested on."""
        pool = np.unique(np.concatenate(list(self.tested.values())))
        object.__setattr__(self, "pool", pool)


def recommendation(
    study_folder: Path,
    goal: Goal,
    regime: str | None = None,
    policy: str | None = None,
    axis: CostName = "macs",
) -> tuple[StudyRecord, Recommendation]:
    """What to deploy of a confirmed study, and the record of its confirmation under the policy.

    Parameters
    ----------
    regime
        Only this one's configurations are chosen from.
    policy
        An exit policy as `name` or `name:{key: value}`; None for the study's own.

    Raises
    ------
    InputError
        The study is not confirmed, the policy is not known, the axis cannot be measured, or nothing
        meets the goal.
    """
    record, folder = read_confirmed(study_folder), confirmation_folder(study_folder)
    names = () if policy is None else (policy,)
    measured = cost_axis(folder, record, axis)
    (evaluation,) = evaluations(record, names, "exact_table", False, measured).values()
    found = recommend(confirmed_points(folder, record, evaluation), goal, regime)
    if policy is not None:
        name, parameters = read_choice(policy, "policy")
        choice = PolicyChoice.model_validate({"name": name, "parameters": dict(parameters)})
        spec = record.spec.model_copy(update={"policy": choice})
        record = record.model_copy(update={"spec": spec})
    return record, found


def confirmed_points(folder: Path, record: StudyRecord, evaluation: Evaluation) -> ConfirmedPoints:
    """The operating points of a confirmation; errors of `validation_points`."""
    points = validation_points(folder, record, evaluation)
    return ConfirmedPoints(folder, record, evaluation, points, read_test_samples(folder, record))


def recommend(confirmed: ConfirmedPoints, goal: Goal, regime: str | None = None) -> Recommendation:
    """What to deploy for a goal: the configuration that is best for it on validation.

    For a cost each seed takes the best point within it on its own validation part, for a score the
    cheapest that reaches it; a configuration must do so with every seed. The best mean score, or
    the lowest mean cost, is chosen.

    Parameters
    ----------
    regime
        Only configurations of this regime are chosen from; the runner-up is of any other.

    Raises
    ------
    InputError
        No configuration meets the goal: the message says what can be met.
    """
    chosen = _chosen(confirmed, goal)
    ranked = _ranked(chosen, goal)
    own = [name for name in ranked if regime in (None, name[0])]
    if not own:
        raise InputError(_unmet(confirmed, goal, regime))
    others = [name for name in ranked if name[0] != own[0][0]]
    names = [own[0], *others[:1]]
    tested = _tested(confirmed, pd.concat([chosen.loc[[name]] for name in names]))
    deployments = [_deployment(confirmed, tested.loc[[name]]) for name in names]
    if len(names) == 1:
        return Recommendation(
            goal=goal, chosen=deployments[0], runner_up=None, difference=None, p=None, n=0
        )
    what: Literal["score", "cost"] = "score" if goal.cost is not None else "cost"
    first, second = (_by_seed(confirmed, tested.loc[[name]], what) for name in names)
    shared = first.index.intersection(second.index)
    less = first.loc[shared] - second.loc[shared]
    return Recommendation(
        goal=goal,
        chosen=deployments[0],
        runner_up=deployments[1],
        difference=Mean.of(over_units(less)) if len(less) else None,
        p=signed_rank_p(less.to_numpy()[:, 0]),
        n=len(less),
    )


def _chosen(confirmed: ConfirmedPoints, goal: Goal) -> pd.DataFrame:
    """The point of each configuration and seed for a goal; without those that miss it with some.

    Rows by regime and configuration.
    """
    found = []
    for _, rows in confirmed.points.groupby([*_CANDIDATE, "seed"], sort=False):
        position = _best(rows, goal)
        if position is not None:
            found.append(rows.iloc[[position]])
    if not found:
        return confirmed.points.iloc[:0].set_index(_CANDIDATE)
    chosen = pd.concat(found).set_index(_CANDIDATE).sort_index()
    seeds = confirmed.points.groupby(_CANDIDATE)["seed"].nunique()
    met = chosen.groupby(level=_CANDIDATE)["seed"].nunique()
    complete = met.index[met == seeds.reindex(met.index)]
    return chosen[chosen.index.isin(complete)]


def _best(rows: pd.DataFrame, goal: Goal) -> int | None:
    """Position of the point that a seed takes for a goal; None where it misses it."""
    if goal.cost is not None:
        return best_within(rows, goal.cost)
    cost, score = cost_and_score(rows)
    enough = np.flatnonzero(score >= (goal.score or 0.0))
    return int(enough[np.argmin(cost[enough])]) if len(enough) else None


def _ranked(chosen: pd.DataFrame, goal: Goal) -> Sequence[tuple[str, int]]:
    """Regime and number of the configurations, best mean on validation first."""
    cost, score = cost_and_score(chosen)
    worth = pd.Series(score if goal.cost is not None else -cost, index=chosen.index)
    means = worth.groupby(level=_CANDIDATE).mean().sort_values(ascending=False, kind="stable")
    return [(str(regime), int(number)) for regime, number in means.index]


def _unmet(confirmed: ConfirmedPoints, goal: Goal, regime: str | None) -> str:
    points = confirmed.points
    if regime is not None:
        known = sorted(points["regime"].unique())
        if regime not in known:
            return f"--regime {regime}: not confirmed; there are: {', '.join(known)}"
        points = points[points["regime"] == regime]
    cost, score = cost_and_score(points)
    each = points.assign(cost=cost, score=score).groupby([*_CANDIDATE, "seed"])
    if goal.cost is not None:
        least = each["cost"].min().groupby(level=_CANDIDATE).max().min()
        return (
            f"--cost {goal.cost}: no configuration is that cheap with every seed; the least that "
            f"one keeps to is {least:.3f}"
        )
    most = each["score"].max().groupby(level=_CANDIDATE).min().max()
    return (
        f"--accuracy {goal.score}: no configuration reaches it with every seed; {most:.4f} one does"
    )


def _tested(confirmed: ConfirmedPoints, chosen: pd.DataFrame) -> pd.DataFrame:
    """The chosen points evaluated on test."""
    rows = chosen.reset_index()
    found = evaluate_on_test(
        confirmed.folder, confirmed.record, rows, confirmed.evaluation, within=_CANDIDATE
    )
    return found.set_index(_CANDIDATE)


def _by_seed(
    confirmed: ConfirmedPoints, rows: pd.DataFrame, what: Literal["score", "cost"]
) -> pd.DataFrame:
    """Test score or cost by seed, with its resamples: rows (study, seed), columns replicates."""
    weights = resamples(len(confirmed.pool))
    found, names = [], []
    for position, seed in enumerate(rows["seed"]):
        row = rows.iloc[[position]].reset_index()
        own = weights[:, np.searchsorted(confirmed.pool, confirmed.tested[int(seed)])]
        score, cost = resampled_point(confirmed.folder, row, confirmed.evaluation, own)
        found.append(score if what == "score" else cost)
        names.append((confirmed.record.name, int(seed)))
    index = pd.MultiIndex.from_tuples(names, names=["study", "seed"])
    return pd.DataFrame(np.stack(found), index=index)


def _deployment(confirmed: ConfirmedPoints, rows: pd.DataFrame) -> Deployment:
    """A configuration's points, one per seed, as one deployment."""
    (regime, number), record = rows.index[0], confirmed.record
    configuration = next(c for c in record.configurations if c.number == number)
    paid, score = cost_and_score(rows)
    typical = rows.iloc[np.argsort(score, kind="stable")[(len(score) - 1) // 2]]
    shares = [str(name) for name in rows if str(name).startswith("test_share_exit_")]
    thresholds = [str(name) for name in rows if str(name).startswith("threshold_")]
    return Deployment(
        regime=str(regime),
        configuration=int(number),
        searched=record.fresh.candidates[int(number)] if record.fresh else int(number),
        search=configuration.search,
        parameters=configuration.parameters,
        score=Mean.of(over_units(_by_seed(confirmed, rows, "score"))),
        cost=Mean.of(over_units(_by_seed(confirmed, rows, "cost"))),
        routing=tuple(rows[sorted(shares)].mean().tolist()),
        validation_score=float(score.mean()),
        validation_cost=float(paid.mean()),
        key=str(typical["key"]),
        seed=int(typical["seed"]),
        static_exit=int(typical["static_exit"]),
        thresholds=tuple(
            float(value) if np.isfinite(value) else None for value in typical[thresholds].dropna()
        ),
        measured=measured(typical),
    )
