"""The frontier of each regime of a study, on validation and with its test image.

This is the stage that reads the test logits, once, for the thresholds that validation chose; no
other module may import `harness.results.sealed`.
"""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd

from harness.core.errors import InputError
from harness.core.types import Floats
from harness.exits.decision import decide
from harness.frontier.evaluate import evaluate
from harness.frontier.of_trial import trial_frontier
from harness.frontier.pareto import hypervolume, non_dominated
from harness.frontier.regression import rmse_of
from harness.report.evaluation import Evaluation
from harness.results import trials
from harness.results.sealed import read_test
from harness.results.study_record import Configuration, StudyRecord
from harness.results.trials import TrialResult

BUDGETS = (0.25, 0.5, 0.75)


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


def validation_frontiers(folder: Path, record: StudyRecord, evaluation: Evaluation) -> pd.DataFrame:
    """Every regime's frontier on validation: one row per operating point, by rising cost.

    Columns: regime, key, configuration, seed, static_exit, threshold_1.., validation_accuracy,
    validation_macs (or another axis), validation_cost (relative to the study's reference).
    Networks that lack what the policy needs are left out.

    Raises
    ------
    InputError
        No network of the study has what the policy needs.
    """
    results = (
        (trials.read(folder, key), configuration)
        for configuration in record.configurations
        if configuration.told is not None
        for key in configuration.keys
    )
    points = [
        _points(result, configuration, evaluation)
        for result, configuration in results
        if result.validation.gates is not None or not evaluation.policy.needs_gates
    ]
    if not points:
        raise InputError(f"{folder}: no network with gate heads, which the policy needs")
    return pd.concat(_each_frontier(pd.concat(points, ignore_index=True)), ignore_index=True)


def add_test_images(folder: Path, frame: pd.DataFrame, evaluation: Evaluation) -> pd.DataFrame:
    """Evaluate each point of the validation frontiers once on test.

    Adds test_accuracy, test_macs (or another axis), test_cost and test_dominated: whether another
    test image of the same regime beats it.
    """
    axis = evaluation.axis
    parts = []
    for key, rows in frame.groupby("key", sort=False):
        result = trials.read(folder, str(key))
        costs = axis.per_exit(result)
        decision = decide(evaluation.policy, read_test(folder, str(key)), result.validation)
        vectors = _thresholds(rows, len(costs))
        found = evaluate(decision.confidence, decision.score, costs, vectors)
        parts.append(pd.DataFrame({"accuracy": found[0], axis.name: found[1]}, index=rows.index))
    test = pd.concat(parts).loc[frame.index].add_prefix("test_")
    frame = frame.assign(**test, test_cost=test[f"test_{axis.name}"] / axis.reference)
    dominated = pd.Series(True, index=frame.index)
    for _, rows in frame.groupby("regime"):
        kept = non_dominated(rows["test_cost"].to_numpy(), rows["test_accuracy"].to_numpy())
        dominated.loc[rows.index] = ~kept
    return frame.assign(test_dominated=dominated)


def regime_indices(record: StudyRecord, frame: pd.DataFrame) -> pd.DataFrame:
    """One row per regime: hypervolume, best accuracy and accuracy at 25/50/75 % of full cost.

    Test columns are of the test images of the points that validation chose; accuracy at a budget
    is the test accuracy of the point that is best on validation within it.
    """
    indices = pd.DataFrame(
        [_index_row(record, str(regime), rows) for regime, rows in frame.groupby("regime")]
    ).sort_values("validation_hypervolume", ascending=False, ignore_index=True)
    return with_errors(indices, record)


def trials_table(folder: Path, record: StudyRecord) -> pd.DataFrame:
    """One row per trial that gave a result: what it was, how it ended, what it cost to train."""
    rows = []
    for configuration in record.configurations:
        for key in configuration.keys if configuration.told else ():
            result = trials.read(folder, key)
            last = result.curve.iloc[-1]
            rows.append(
                {
                    "number": configuration.number,
                    "regime": configuration.regime,
                    "key": key,
                    "seed": result.spec.seed,
                    "static_exit": result.spec.static_exit,
                    **dict(zip(record.metrics, configuration.told or (), strict=True)),
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
    decision = decide(evaluation.policy, result.validation, result.validation)
    found = trial_frontier(decision, costs, evaluation.selection, configuration.thresholds)
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
        }
    )


def _each_frontier(points: pd.DataFrame) -> Iterator[pd.DataFrame]:
    for _, rows in points.groupby("regime"):
        cost, accuracy = rows["validation_cost"], rows["validation_accuracy"]
        kept = rows[non_dominated(cost.to_numpy(), accuracy.to_numpy())]
        yield kept.sort_values("validation_cost", kind="stable")


def _thresholds(rows: pd.DataFrame, exits: int) -> Floats:
    names = [f"threshold_{e}" for e in range(1, exits)]
    return rows[names].to_numpy(dtype=np.float64) if names else np.empty((len(rows), 0))


def _index_row(record: StudyRecord, regime: str, rows: pd.DataFrame) -> dict[str, object]:
    floor = record.reference.accuracy
    of_regime = [c for c in record.configurations if c.regime == regime]
    row: dict[str, object] = {
        "regime": regime,
        "configurations": len(of_regime),
        "trials": sum(len(c.keys) for c in of_regime),
        "failed": sum(c.told is None for c in of_regime),
        "points": len(rows),
    }
    cost, accuracy = (rows[f"validation_{name}"].to_numpy() for name in ("cost", "accuracy"))
    for part in ("validation", "test"):
        if f"{part}_cost" not in rows:
            continue
        found = rows[f"{part}_accuracy"].to_numpy()
        row[f"{part}_hypervolume"] = hypervolume(rows[f"{part}_cost"].to_numpy(), found, 1.0, floor)
        row[f"{part}_best_accuracy"] = float(found[np.argmax(accuracy)])
        for budget in BUDGETS:
            chosen = np.flatnonzero(cost <= budget)
            best = found[chosen[np.argmax(accuracy[chosen])]] if len(chosen) else floor
            row[f"{part}_accuracy_at_{round(100 * budget)}"] = float(best)
    return row
