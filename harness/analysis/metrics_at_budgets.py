"""What each regime's point within a cost budget does on test, seed by seed: all its metrics.

Part of the frontier stage, like `harness.analysis.frontiers`: it reads the test logits, for points
that validation chose.
"""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn import config_context

from harness.analysis.chosen_points import best_within, threshold_vectors
from harness.analysis.evaluation import Evaluation
from harness.core.budgets import DEPLOYMENT_BUDGETS
from harness.core.types import ExitLogits, Floats
from harness.metrics.network import taken_metrics
from harness.policies.predictions import ExitPredictions
from harness.policies.routing import route
from harness.results import trials
from harness.results.sealed import read_test
from harness.results.study_record import StudyRecord


def metrics_at_budgets(
    folder: Path, record: StudyRecord, seeds: pd.DataFrame, evaluation: Evaluation
) -> pd.DataFrame:
    """Metrics on test of the point that is best on validation within each budget.

    Parameters
    ----------
    seeds
        The frontier of each regime and seed (`harness.analysis.seeds.seed_frontiers`).

    Returns
    -------
    One row per regime, seed and budget of `harness.core.budgets.DEPLOYMENT_BUDGETS`, without those
    within which the seed has no point: regime, seed, budget, configuration, key, cost (relative,
    on test), share_exit_1.. (of the samples, which leave there; exits count by their depth) and the
    metrics of `harness.metrics.network.taken_metrics`.
    """
    parts = [
        _of_seed(folder, record, rows, evaluation).assign(regime=str(regime), seed=int(str(seed)))
        for (regime, seed), rows in seeds.groupby(["regime", "seed"])
    ]
    table = pd.concat(parts, ignore_index=True)
    shares = sorted(str(name) for name in table if str(name).startswith("share_exit_"))
    first = ["regime", "seed", "budget", "configuration", "key", "cost", *shares]
    others = [name for name in table if name not in first]
    # Where no seed has a point within any budget, there is a table without rows.
    return table.fillna(dict.fromkeys(shares, 0.0)).reindex(columns=[*first, *others])


def _of_seed(
    folder: Path, record: StudyRecord, rows: pd.DataFrame, evaluation: Evaluation
) -> pd.DataFrame:
    chosen = {budget: best_within(rows, budget) for budget in DEPLOYMENT_BUDGETS}
    met = {budget: place for budget, place in chosen.items() if place is not None}
    distinct = rows.iloc[sorted(set(met.values()))]
    found = dict[int, dict[str, object]]()
    for key, points in distinct.groupby("key", sort=False):
        measured = list(_of_network(folder, record, str(key), points, evaluation))
        found |= dict(zip(map(int, points.index), measured, strict=True))
    labels = [int(label) for label in rows.index]
    return pd.DataFrame(
        [{"budget": budget, **found[labels[place]]} for budget, place in met.items()]
    )


def _of_network(
    folder: Path, record: StudyRecord, key: str, points: pd.DataFrame, evaluation: Evaluation
) -> Iterator[dict[str, object]]:
    result, test = trials.read_trial(folder, key), read_test(folder, key)
    predictions, axis = evaluation.predict(result, test), evaluation.axis
    costs, first = axis.per_exit(result) / axis.reference, max(result.spec.static_exit, 1)
    scale = record.reference.rmse or 1.0
    for vector in threshold_vectors(points, len(costs)):
        yield {
            "configuration": int(points["configuration"].iloc[0]),
            "key": key,
            **_at(test, predictions, vector, (costs, first), scale),
        }


def _at(
    test: ExitLogits,
    predictions: ExitPredictions,
    vector: Floats,
    exits: tuple[Floats, int],
    scale: float,
) -> dict[str, float]:
    """One point; `exits` holds the cost of each and the depth of the first."""
    (costs, first), taken = exits, route(predictions.confidence, vector)
    shares = np.bincount(taken, minlength=len(costs)) / len(taken)
    # The arrays are ours and whole: scikit-learn would take as long to check as to compute.
    with config_context(assume_finite=True, skip_parameter_validation=True):
        metrics = taken_metrics(test, predictions, taken, scale)
    return {
        "cost": float(costs[taken].mean()),
        **{f"share_exit_{first + e}": float(share) for e, share in enumerate(shares)},
        **metrics,
    }
