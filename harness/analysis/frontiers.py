"""The frontier of each regime of a study, on validation and with its test image.

This is the stage that reads the test logits, once, for the thresholds that validation chose; no
other module may import `harness.results.sealed`.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from harness.analysis.chosen_points import threshold_vectors
from harness.analysis.evaluation import Evaluation
from harness.core.errors import InputError
from harness.core.types import Floats
from harness.frontier.evaluate import evaluate, routing_shares
from harness.frontier.pareto import epsilon, hypervolume, non_dominated
from harness.frontier.trial_frontier import trial_frontier
from harness.metrics.regression import rmse_of
from harness.policies.predictions import apply_policy
from harness.results import trials
from harness.results.sealed import read_test
from harness.results.study_record import Configuration, StudyRecord
from harness.results.trials import TrialResult

BUDGETS = (0.25, 0.5, 0.75)
TARGETS = (0.95, 0.99)
"""Shares of the study's best accuracy that costs are told at."""


def with_errors(table: pd.DataFrame, record: StudyRecord) -> pd.DataFrame:
    """A table with a column of RMSE for each of accuracies, where the study is a regression.

    `..accuracy..`, there R^2, gives `..rmse..` in the unit of the study's reference.
    """
    scale = record.reference.rmse
    if scale is None:
        return table
    columns = [str(column) for column in table if "accuracy" in str(column)]
    errors = {c.replace("accuracy", "rmse"): rmse_of(table[c].to_numpy(), scale) for c in columns}
    return table.assign(**errors)


def validation_points(folder: Path, record: StudyRecord, evaluation: Evaluation) -> pd.DataFrame:
    """Every trial's own operating points on validation: one row each.

    Columns: regime, key, configuration, seed, static_exit, threshold_1.., validation_accuracy,
    validation_macs (or another axis), validation_cost (relative to the study's reference),
    validation_share_exit_1.. (of the samples, which leave there; exits count by their depth, for
    static networks too).
    Networks that lack what the policy needs are left out.

    Raises
    ------
    InputError
        No network of the study has what the policy needs.
    """
    results = (
        (trials.read(folder, key), configuration)
        for configuration in record.configurations
        if configuration.objectives is not None
        for key in configuration.keys
    )
    points = [
        _points(result, configuration, evaluation)
        for result, configuration in results
        if result.validation.gates is not None or not evaluation.policy.needs_gates
    ]
    if not points:
        raise InputError(f"{folder}: no network with gate heads, which the policy needs")
    return _without_gaps(pd.concat(points, ignore_index=True))


def frontiers_of(points: pd.DataFrame, within: Sequence[str] = ("regime",)) -> pd.DataFrame:
    """The frontiers among the rows of `validation_points`, each by rising cost.

    Parameters
    ----------
    within
        Columns whose values part the points; each part has a frontier of its own.
    """
    return pd.concat(_each_frontier(points, within), ignore_index=True)


def validation_frontiers(folder: Path, record: StudyRecord, evaluation: Evaluation) -> pd.DataFrame:
    """Every regime's frontier on validation, over all its seeds; errors of `validation_points`."""
    return frontiers_of(validation_points(folder, record, evaluation))


def evaluate_on_test(
    folder: Path,
    frame: pd.DataFrame,
    evaluation: Evaluation,
    within: Sequence[str] = ("regime",),
) -> pd.DataFrame:
    """Evaluate each point of the validation frontiers once on test.

    Adds test_accuracy, test_macs (or another axis), test_share_exit_1.., test_cost and
    test_dominated: whether another test image of the same frontier beats it. `within` is as in
    `frontiers_of`.
    """
    axis = evaluation.axis
    parts = []
    for key, rows in frame.groupby("key", sort=False):
        result = trials.read(folder, str(key))
        costs = axis.per_exit(result)
        predictions = apply_policy(
            evaluation.policy, read_test(folder, str(key)), result.validation
        )
        vectors = threshold_vectors(rows, len(costs))
        found = evaluate(predictions.confidence, predictions.score, costs, vectors)
        shares = _shares(result, predictions.confidence, vectors)
        columns = {"accuracy": found[0], axis.name: found[1], **shares}
        parts.append(pd.DataFrame(columns, index=rows.index))
    test = _without_gaps(pd.concat(parts).loc[frame.index].add_prefix("test_"))
    frame = frame.assign(**test, test_cost=test[f"test_{axis.name}"] / axis.reference)
    dominated = pd.Series(True, index=frame.index)
    for _, rows in frame.groupby(list(within)):
        kept = non_dominated(rows["test_cost"].to_numpy(), rows["test_accuracy"].to_numpy())
        dominated.loc[rows.index] = ~kept
    return frame.assign(test_dominated=dominated)


def regime_indices(record: StudyRecord, frame: pd.DataFrame) -> pd.DataFrame:
    """One row per regime: hypervolume, area, epsilon, accuracy at budgets and cost at accuracies.

    Test columns are of the test images of the points that validation chose. `accuracy_at_25` is
    the accuracy of the point that is best on validation among those of at most a quarter of full
    cost. `cost_at_95` is the cost of the cheapest point whose validation accuracy is at least 95 %
    of the best validation accuracy in the whole frame; NaN where none is. `area` is that under
    accuracy against cost, from 0 to full cost, 0 where no point is affordable; `epsilon` is the
    additive one to the frontier of all regimes together, on the same part.
    """
    indices = pd.DataFrame(
        [_index_row(record, frame, str(regime)) for regime in frame["regime"].unique()]
    ).sort_values("validation_hypervolume", ascending=False, ignore_index=True)
    return with_errors(indices, record)


def trials_table(folder: Path, record: StudyRecord) -> pd.DataFrame:
    """One row per trial that gave a result: what it was, how it ended, what it cost to train."""
    rows, metrics = [], record.spec.metric_names
    for configuration in record.succeeded():
        for key in configuration.keys:
            result = trials.read(folder, key)
            last = result.curve.iloc[-1]
            rows.append(
                {
                    "number": configuration.number,
                    "regime": configuration.regime,
                    "key": key,
                    "seed": result.spec.seed,
                    "static_exit": result.spec.static_exit,
                    **dict(zip(metrics, configuration.objectives or (), strict=True)),
                    **{str(k): v for k, v in last.items() if "accuracy" in str(k)},
                    "epochs": len(result.curve),
                    "full_macs": result.costs.full,
                    "train_seconds": result.seconds,
                    **configuration.parameters,
                }
            )
    return with_errors(pd.DataFrame(rows), record)


def _points(
    result: TrialResult, configuration: Configuration, evaluation: Evaluation
) -> pd.DataFrame:
    axis = evaluation.axis
    costs = axis.per_exit(result)
    predictions = apply_policy(evaluation.policy, result.validation, result.validation)
    found = trial_frontier(predictions, costs, evaluation.selection, configuration.thresholds)
    shares = _shares(result, predictions.confidence, found.thresholds)
    thresholds = {f"threshold_{e + 1}": column for e, column in enumerate(found.thresholds.T)}
    return pd.DataFrame(
        {
            "regime": configuration.regime,
            "key": result.spec.key,
            "configuration": configuration.number,
            "seed": result.spec.seed,
            "static_exit": result.spec.static_exit,
            **thresholds,
            "validation_accuracy": found.accuracy,
            f"validation_{axis.name}": found.cost,
            "validation_cost": found.cost / axis.reference,
            **{f"validation_{name}": share for name, share in shares.items()},
        }
    )


def _shares(result: TrialResult, confidence: Floats, vectors: Floats) -> dict[str, Floats]:
    """Share of the samples that leaves at each exit, by column; static networks have only one."""
    first = max(result.spec.static_exit, 1)
    shares = routing_shares(confidence, vectors)
    return {f"share_exit_{first + index}": column for index, column in enumerate(shares.T)}


def _without_gaps(table: pd.DataFrame) -> pd.DataFrame:
    """Nothing leaves at exits that a network does not have."""
    names = sorted(str(name) for name in table if "share_exit_" in str(name))
    return table.drop(columns=names).assign(**{name: table[name].fillna(0.0) for name in names})


def _each_frontier(points: pd.DataFrame, within: Sequence[str]) -> Iterator[pd.DataFrame]:
    for _, rows in points.groupby(list(within)):
        cost, accuracy = rows["validation_cost"], rows["validation_accuracy"]
        kept = rows[non_dominated(cost.to_numpy(), accuracy.to_numpy())]
        yield kept.sort_values("validation_cost", kind="stable")


def _index_row(record: StudyRecord, frame: pd.DataFrame, regime: str) -> dict[str, object]:
    rows = frame[frame["regime"] == regime]
    of_regime = [c for c in record.configurations if c.regime == regime]
    row: dict[str, object] = {
        "regime": regime,
        "configurations": len(of_regime),
        "trials": sum(len(c.keys) for c in of_regime),
        "failed": sum(c.objectives is None for c in of_regime),
        "points": len(rows),
    }
    best = float(frame["validation_accuracy"].max())
    for part in ("validation", "test"):
        if f"{part}_cost" in rows:
            found = _part_indices(rows, part, record.reference.accuracy, best)
            everything = (frame[f"{part}_{name}"].to_numpy() for name in ("cost", "accuracy"))
            own = (rows[f"{part}_{name}"].to_numpy() for name in ("cost", "accuracy"))
            found["epsilon"] = epsilon(*own, *everything)
            row |= {f"{part}_{name}": value for name, value in found.items()}
    return row


def _part_indices(rows: pd.DataFrame, part: str, floor: float, best: float) -> dict[str, float]:
    cost, accuracy = (rows[f"validation_{name}"].to_numpy() for name in ("cost", "accuracy"))
    paid, found = (rows[f"{part}_{name}"].to_numpy() for name in ("cost", "accuracy"))
    indices = {
        "hypervolume": hypervolume(paid, found, 1.0, floor),
        "best_accuracy": float(found[np.argmax(accuracy)]),
    }
    for budget in BUDGETS:
        chosen = np.flatnonzero(cost <= budget)
        at = found[chosen[np.argmax(accuracy[chosen])]] if len(chosen) else floor
        indices[f"accuracy_at_{round(100 * budget)}"] = float(at)
    for share in TARGETS:
        enough = np.flatnonzero(accuracy >= share * best)
        at = paid[enough[np.argmin(cost[enough])]] if len(enough) else np.nan
        indices[f"cost_at_{round(100 * share)}"] = float(at)
    indices["area"] = hypervolume(paid, found, 1.0, 0.0)
    return indices
