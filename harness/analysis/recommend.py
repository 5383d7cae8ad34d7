"""Which regime, configuration and thresholds to deploy for a cost or an accuracy, and how sure.

Chosen on validation over the fresh seeds of a confirmation, judged on test.
"""

import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from harness.analysis.chosen_points import best_within
from harness.analysis.confirmed_points import ConfirmedPoints, Judged
from harness.analysis.evaluation import cost_axis, evaluations
from harness.analysis.pairs import over_units
from harness.analysis.scores import score_values
from harness.core.budgets import DEPLOYMENT_BUDGETS, CostName
from harness.core.choice_text import read_choice
from harness.core.errors import InputError
from harness.core.study_spec import PolicyChoice
from harness.frontier.operating_point import OperatingPoint, measured
from harness.results.confirmation import confirmation_folder, read_confirmed
from harness.results.recommendation import (
    Deployment,
    Goal,
    Mean,
    Recommendation,
    Recommendations,
)
from harness.results.study_record import StudyRecord
from harness.results.tables import cost_and_score
from harness.statistics.paired import Estimate, signed_rank_p, significant

_CANDIDATE = ["regime", "configuration"]


def recommendation(
    study_folder: Path,
    goal: Goal,
    regime: str | None = None,
    policy: str | None = None,
    axis: CostName = "macs",
    device: str = "cpu",
) -> tuple[StudyRecord, Recommendation]:
    """What to deploy of a confirmed study, and the record of its confirmation under the policy.

    Parameters
    ----------
    regime
        Only this one's configurations are chosen from.
    policy
        An exit policy as `name` or `name:{key: value}`; None for the study's own.
    device
        Where the axis is measured, if it is of time.

    Raises
    ------
    InputError
        The study is not confirmed, the policy is not known, the axis cannot be measured, or nothing
        meets the goal.
    """
    record, folder = read_confirmed(study_folder), confirmation_folder(study_folder)
    names = () if policy is None else (policy,)
    measured = cost_axis(folder, record, axis, device)
    (evaluation,) = evaluations(record, names, "exact_table", False, measured).values()
    found = recommend(ConfirmedPoints.of(folder, record, evaluation), goal, regime)
    if policy is not None:
        name, parameters = read_choice(policy, "policy")
        choice = PolicyChoice.model_validate({"name": name, "parameters": dict(parameters)})
        spec = record.spec.model_copy(update={"policy": choice})
        record = record.model_copy(update={"spec": spec})
    return record, found


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
    points = [chosen.loc[[name]] for name in names]
    judged = [confirmed.judge(rows) for rows in points]
    deployments = [
        _deployment(confirmed, rows, judge) for rows, judge in zip(points, judged, strict=True)
    ]
    if len(names) == 1:
        return Recommendation(
            goal=goal,
            chosen=deployments[0],
            runner_up=None,
            difference=None,
            p=None,
            significant=False,
            n=0,
        )
    first, second = (each.costs if goal.cost is None else each.scores for each in judged)
    shared = first.index.intersection(second.index)
    less = first.loc[shared] - second.loc[shared]
    p = signed_rank_p(less.to_numpy()[:, 0])
    return Recommendation(
        goal=goal,
        chosen=deployments[0],
        runner_up=deployments[1],
        difference=_mean(over_units(less)) if len(less) else None,
        p=p,
        significant=significant(p),
        n=len(less),
    )


def network_of(deployment: Deployment) -> OperatingPoint:
    """The network of a deployment with its thresholds, to be exported."""
    return OperatingPoint(
        deployment.regime,
        deployment.key,
        deployment.configuration,
        tuple(math.inf if each is None else each for each in deployment.thresholds),
        deployment.measured,
    )


def recommendations(confirmed: ConfirmedPoints) -> Recommendations:
    """What to deploy for each of the deployment budgets, and for each whole percent of the score.

    Scores that all points reach, and those that none does, are left out.
    """
    found: list[Recommendation | None] = []
    for budget in DEPLOYMENT_BUDGETS:
        goal = Goal(cost=budget)
        met = not _chosen(confirmed, goal).empty
        found.append(recommend(confirmed, goal) if met else None)
    scores = _whole_percents(confirmed.points)
    return Recommendations(
        budgets=DEPLOYMENT_BUDGETS,
        found=tuple(found),
        scores=scores,
        reached=tuple(recommend(confirmed, Goal(score=score)) for score in scores),
    )


def _whole_percents(points: pd.DataFrame) -> tuple[float, ...]:
    """Scores from the least of any point, but at least 0, to the most that is reached."""
    least, most = float(cost_and_score(points)[1].min()), _most_reached(points)
    return tuple(
        each / 100 for each in range(math.floor(100 * max(least, 0.0)), 101) if each / 100 <= most
    )


def _most_reached(points: pd.DataFrame) -> float:
    """The most that one configuration reaches with every seed."""
    best = points.assign(score=cost_and_score(points)[1]).groupby([*_CANDIDATE, "seed"])["score"]
    return float(best.max().groupby(level=_CANDIDATE).min().max())


def _mean(found: Estimate) -> Mean:
    return Mean(mean=found.mean, low=found.low, high=found.high)


def _chosen(confirmed: ConfirmedPoints, goal: Goal) -> pd.DataFrame:
    """The point of each configuration and seed for a goal; without those that miss it with some.

    Rows by regime and configuration.
    """
    found = []
    for _, rows in confirmed.placed.groupby([*_CANDIDATE, "seed"], sort=False):
        position = _best(rows, goal)
        if position is not None:
            found.append(rows.iloc[[position]])
    if not found:
        return confirmed.placed.iloc[:0].set_index(_CANDIDATE)
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
    cost, _ = cost_and_score(points)
    if goal.cost is not None:
        each = points.assign(cost=cost).groupby([*_CANDIDATE, "seed"])
        least = each["cost"].min().groupby(level=_CANDIDATE).max().min()
        return (
            f"--cost {goal.cost}: no configuration is that cheap with every seed; the least that "
            f"one keeps to is {least:.3f}"
        )
    return (
        f"--accuracy {goal.score}: no configuration reaches it with every seed; the most that one "
        f"reaches is {_most_reached(points):.4f}"
    )


def _deployment(confirmed: ConfirmedPoints, rows: pd.DataFrame, judged: Judged) -> Deployment:
    """A configuration's points, one per seed, as one deployment."""
    (regime, number), record = rows.index[0], confirmed.record
    configuration = next(c for c in record.configurations if c.number == number)
    paid, score = cost_and_score(rows)
    place = int(np.argsort(score, kind="stable")[(len(score) - 1) // 2])
    typical, exits = rows.iloc[place], [str(n) for n in rows if str(n).startswith("threshold_")]
    test_score, test_cost = (
        float(found.to_numpy()[place, 0]) for found in (judged.scores, judged.costs)
    )
    axis = confirmed.evaluation.axis
    return Deployment(
        regime=str(regime),
        configuration=int(number),
        searched=record.fresh.candidates[int(number)] if record.fresh else int(number),
        search=configuration.search,
        parameters=configuration.parameters,
        score=_mean(over_units(judged.scores)),
        cost=_mean(over_units(judged.costs)),
        seeds=len(rows),
        routing=tuple(judged.routing.mean(axis=0).tolist()),
        validation_score=float(score.mean()),
        validation_cost=float(paid.mean()),
        key=str(typical["key"]),
        seed=int(typical["seed"]),
        static_exit=int(typical["static_exit"]),
        thresholds=tuple(
            float(value) if np.isfinite(value) else None for value in typical[exits].dropna()
        ),
        measured={
            **measured(typical),
            **score_values(record, "test_{}", test_score),
            f"test_{axis.name}": test_cost * axis.reference,
            "test_cost": test_cost,
        },
    )
