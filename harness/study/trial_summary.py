"""What a launch needs of a finished trial, made once where it was trained."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from harness.core.budgets import BUDGETS, percent
from harness.core.study_spec import PolicyChoice
from harness.core.trial_spec import TrialSpec
from harness.core.types import Floats, Frontier
from harness.frontier.pareto import accuracy_at, hypervolume, knee
from harness.frontier.selections.exact_table import ExactTable
from harness.frontier.trial_frontier import trial_frontier
from harness.policies import policy_of
from harness.policies.predictions import ExitPredictions, apply_policy
from harness.policies.routing import route
from harness.results.study_record import Reference, StudyRecord
from harness.results.trials import TrialResult


@dataclass(frozen=True)
class SummaryRecipe:
    """How a study summarises its trials; picklable.

    Attributes
    ----------
    levels
        Of the exact table: 0 for every threshold that changes anything.
    sampled
        Whether thresholds are searched: a trial then has another summary with others.
    """

    policy: PolicyChoice
    levels: int
    reference: Reference
    sampled: bool = False

    @classmethod
    def of(cls, record: StudyRecord) -> "SummaryRecipe":
        """A study's own."""
        thresholds = record.spec.thresholds
        return cls(
            policy=record.spec.policy,
            levels=thresholds.levels or 0,
            reference=record.reference,
            sampled=thresholds.selection == "sampled",
        )


@dataclass(frozen=True)
class TrialSummary:
    """A trial without its outputs.

    Attributes
    ----------
    frontier
        On validation, its costs relative to the study's reference.
    metrics
        Its figures on validation by name, those of an operating point at the frontier's knee.
    curve, seconds, versions
        As of a `TrialResult`.
    """

    spec: TrialSpec
    frontier: Frontier
    metrics: Mapping[str, float]
    curve: pd.DataFrame
    seconds: float
    versions: Mapping[str, str]


def summarise(
    result: TrialResult, recipe: SummaryRecipe, thresholds: tuple[float, ...] | None = None
) -> TrialSummary:
    """Summarise a trial.

    Parameters
    ----------
    thresholds
        That were searched; None for those of the exact table.
    """
    from sklearn import config_context

    from harness.metrics.network import network_metrics  # imports all of scikit-learn's

    reference = recipe.reference
    predictions = apply_policy(policy_of(recipe.policy), result.validation, result.fitting)
    frontier = _frontier(predictions, result, recipe, thresholds)
    found = merits([frontier], reference.score)
    point = int(np.argmin(np.abs(frontier.cost - found["cost"])))
    # The arrays are ours and whole: scikit-learn would take as long to check as to compute.
    with config_context(assume_finite=True, skip_parameter_validation=True):
        metrics = network_metrics(
            result.validation,
            predictions,
            result.costs,
            route(predictions.confidence, frontier.thresholds[point]),
            reference.macs,
            reference.rmse or 1.0,
        )
    metrics = {**found, **metrics, **_costs(result.costs.macs, reference.macs)}
    metrics["train_seconds"] = result.seconds
    own = (result.curve, result.seconds, result.versions)
    return TrialSummary(result.spec, frontier, metrics, *own)


def validation_frontier(
    result: TrialResult, recipe: SummaryRecipe, thresholds: tuple[float, ...] | None = None
) -> Frontier:
    """The frontier of a trial's summary alone; parameters are those of `summarise`."""
    predictions = apply_policy(policy_of(recipe.policy), result.validation, result.fitting)
    return _frontier(predictions, result, recipe, thresholds)


def merits(frontiers: Sequence[Frontier], floor: float) -> dict[str, float]:
    """Every metric a study may name, of the union of some frontiers (relative costs).

    The accuracy within a budget is minus infinity where every point costs more.

    Parameters
    ----------
    floor
        Score of the reference point.
    """
    cost = np.concatenate([f.cost for f in frontiers])
    accuracy = np.concatenate([f.score for f in frontiers])
    best = knee(cost, accuracy, 1.0, floor)
    budgets = {
        f"accuracy_at_{percent(budget)}": accuracy_at(cost, accuracy, budget, -math.inf)
        for budget in BUDGETS
    }
    return {
        "accuracy": float(accuracy[best]),
        "cost": float(cost[best]),
        "hypervolume": hypervolume(cost, accuracy, 1.0, floor),
        "best_accuracy": float(accuracy.max()),
        **budgets,
    }


def _frontier(
    predictions: ExitPredictions,
    result: TrialResult,
    recipe: SummaryRecipe,
    thresholds: tuple[float, ...] | None,
) -> Frontier:
    costs = result.costs.macs / recipe.reference.macs
    return trial_frontier(predictions, costs, ExactTable(levels=recipe.levels), thresholds)


def _costs(macs: Floats, reference: float) -> dict[str, float]:
    found = {}
    for exit_number, value in enumerate(macs, start=1):
        found[f"macs_exit_{exit_number}"] = float(value)
        found[f"relative_cost_exit_{exit_number}"] = float(value / reference)
    return found
