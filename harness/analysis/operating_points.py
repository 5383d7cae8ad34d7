"""Chosen operating points in detail: by test sample, by class and by cost budget.

Part of the frontier stage, like `harness.analysis.frontiers`: it reads the test logits, for points
that validation chose.
"""

import math
from collections.abc import Hashable
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import numpy as np
import pandas as pd

from harness.analysis.chosen_points import (
    best_within,
    exits_of,
    half_points,
    threshold_vectors,
)
from harness.analysis.exits import reliability_data, routing_data
from harness.core.budgets import DEPLOYMENT_BUDGETS
from harness.core.records import write_record
from harness.core.types import Bools, ExitLogits, Floats, Ints
from harness.metrics.network import class_table
from harness.policies import ExitPolicy
from harness.policies.predictions import ExitPredictions, apply_policy
from harness.policies.routing import route
from harness.results import trials
from harness.results.budget_table import (
    BUDGET_TABLE,
    BudgetPoint,
    BudgetTable,
    Measured,
    RegimeBudgets,
)
from harness.results.sealed import read_test
from harness.results.study_record import StudyRecord
from harness.results.tables import CLASSES, RELIABILITY, ROUTING, SAMPLES, cost_and_score
from harness.results.tabular import write_table

NO_PREDICTION = -1
"""In place of a class, at exits that a static network does not have."""


@dataclass(frozen=True)
class _Network:
    """The outputs of one network's exits on the test part.

    Attributes
    ----------
    first
        Depth of its first exit, from 1: the only exit of a static network may lie deeper.
    """

    first: int
    logits: ExitLogits
    predictions: ExitPredictions

    @property
    def exits(self) -> int:
        return len(self.predictions.confidence)

    def route(self, point: pd.DataFrame) -> Ints:
        """Index (from 0) of the exit that each sample takes at a frontier's row."""
        return route(self.predictions.confidence, threshold_vectors(point, self.exits)[0])


def write_operating(
    folder: Path, record: StudyRecord, frame: pd.DataFrame, policy: ExitPolicy, target: Path
) -> None:
    """Write tables of the chosen points to `target`.

    These are samples.parquet, with routing.csv and reliability.parquet made of it
    (`harness.analysis.exits`), budgets.json and classes.csv.

    Parameters
    ----------
    frame
        The regimes' frontiers, evaluated on test.
    policy
        The study's own.
    """
    chosen = half_points(frame)
    samples = sample_table(folder, chosen, policy)
    write_table(target / SAMPLES, samples)
    write_table(target / ROUTING, routing_data(samples))
    write_table(target / RELIABILITY, reliability_data(samples))
    table = budget_table(folder, record, frame, policy)
    write_record(target / BUDGET_TABLE, table, indent=None)
    write_table(target / CLASSES, class_tables(folder, record, chosen, policy))


def sample_table(folder: Path, points: pd.DataFrame, policy: ExitPolicy) -> pd.DataFrame:
    """Routing and predictions of each point on every test sample: one row per point and sample.

    Parameters
    ----------
    points
        Rows of a frontier, one per regime.

    Returns
    -------
    Columns regime, sample (from 0, in the order of the split's test indices), exit (from 1: where
    it leaves), and per exit confidence_e. Of a classification also label, prediction and correct,
    and per exit prediction_e and correct_e; of a regression score, and per exit score_e (1 less the
    squared error of the standardised targets). Exits that a static network does not have hold a
    confidence of NaN, the prediction -1, False and 0.
    """
    exits = exits_of(points)
    found = []
    for index in points.index:
        point = points.loc[[index]]
        rows = _samples(_read(folder, point, policy), point, exits)
        found.append(rows.assign(regime=point["regime"].iloc[0]))
    table = pd.concat(found, ignore_index=True)
    return table.assign(regime=table["regime"].astype("category"))[["regime", *rows]]


def class_tables(
    folder: Path, record: StudyRecord, points: pd.DataFrame, policy: ExitPolicy
) -> pd.DataFrame:
    """Accuracy and routing of each class on test at each point: `class_table`'s, after regime.

    Without rows for a regression.
    """
    exits = exits_of(points)
    shares = [f"share_exit_{e}" for e in range(1, exits + 1)]
    columns = ["regime", "class", "samples", "accuracy", "f1", *shares, "mean_exit"]
    if record.manifest.task != "classification":
        return pd.DataFrame(columns=columns)
    names = record.manifest.classes
    found = []
    for index in points.index:
        point = points.loc[[index]]
        network = _read(folder, point, policy)
        labels, taken = network.logits.class_labels, network.route(point)
        # Counted from the network's first exit, which for a static one need not be the first.
        taken = taken + network.first - 1
        predictions = _deepened(network, exits)
        found.append(class_table(predictions, labels, taken, exits, names))
    table = pd.concat(found, keys=points["regime"], names=["regime"]).reset_index("regime")
    return table[columns]


def budget_table(
    folder: Path, record: StudyRecord, frame: pd.DataFrame, policy: ExitPolicy
) -> BudgetTable:
    """For each cost budget the point of each regime that is best on validation within it."""
    regimes = {}
    for regime, points in frame.groupby("regime"):
        chosen = [best_within(points, budget) for budget in DEPLOYMENT_BUDGETS]
        distinct = sorted({position for position in chosen if position is not None})
        regimes[str(regime)] = RegimeBudgets(
            points=_budget_points(folder, points.iloc[distinct], policy),
            at=tuple(None if p is None else distinct.index(p) for p in chosen),
        )
    classes = record.manifest.classes if record.manifest.task == "classification" else None
    return BudgetTable(budgets=DEPLOYMENT_BUDGETS, regimes=regimes, classes=classes)


def _read(folder: Path, point: pd.DataFrame, policy: ExitPolicy) -> _Network:
    key = str(point["key"].iloc[0])
    logits, fit_on = read_test(folder, key), trials.read_trial(folder, key).fitting
    first = max(int(point["static_exit"].iloc[0]), 1)
    return _Network(first, logits, apply_policy(policy, logits, fit_on))


def _samples(network: _Network, point: pd.DataFrame, exits: int) -> pd.DataFrame:
    predictions, taken = network.predictions, network.route(point)
    samples = np.arange(len(taken))
    columns: dict[str, np.ndarray[tuple[int], np.dtype[np.generic]]] = {
        "sample": samples.astype(np.int32),
        "exit": (taken + network.first).astype(np.int8),
    }
    classes = network.logits.task == "classification"
    if classes:
        columns["label"] = network.logits.class_labels.astype(np.int16)
        columns["prediction"] = predictions.predicted[taken, samples].astype(np.int16)
        columns["correct"] = predictions.correct[taken, samples]
    else:
        columns["score"] = predictions.score[taken, samples].astype(np.float32)
    deepened = _deepened(network, exits)
    for e in range(exits):
        columns[f"confidence_{e + 1}"] = deepened.confidence[e].astype(np.float32)
        if classes:
            columns[f"prediction_{e + 1}"] = deepened.predicted[e].astype(np.int16)
            columns[f"correct_{e + 1}"] = deepened.score[e].astype(bool)
        else:
            columns[f"score_{e + 1}"] = deepened.score[e].astype(np.float32)
    return pd.DataFrame(columns)


def _deepened(network: _Network, exits: int) -> ExitPredictions:
    """Predictions with a row for each of E exits; those that the network lacks stand empty."""
    predictions, missing = network.predictions, exits - network.exits
    around = [(network.first - 1, missing - network.first + 1), (0, 0)]
    targets = [(0, 0)] * (predictions.predicted.ndim - 2)
    confidence = np.pad(predictions.confidence, around, constant_values=np.nan)
    predicted = np.pad(predictions.predicted, around + targets, constant_values=NO_PREDICTION)
    score = np.pad(predictions.score, around, constant_values=0)
    # numpy's types do not keep the union.
    return ExitPredictions(
        confidence, cast("Ints | Floats", predicted), cast("Floats | Bools", score)
    )


def _budget_points(
    folder: Path, points: pd.DataFrame, policy: ExitPolicy
) -> tuple[BudgetPoint, ...]:
    exits = exits_of(points)
    found: dict[Hashable, BudgetPoint] = {}
    for _, rows in points.groupby("key", sort=False):
        network = _read(folder, rows, policy)
        for index in rows.index:
            found[index] = _budget_point(network, rows.loc[[index]], exits)
    return tuple(found[index] for index in points.index)


def _budget_point(network: _Network, point: pd.DataFrame, exits: int) -> BudgetPoint:
    row, taken = point.iloc[0], network.route(point)
    routing = np.bincount(taken + network.first - 1, minlength=exits) / len(taken)
    thresholds = threshold_vectors(point, network.exits)[0]
    classes = network.logits.task == "classification"
    return BudgetPoint(
        key=str(row["key"]),
        configuration=int(row["configuration"]),
        seed=int(row["seed"]),
        static_exit=int(row["static_exit"]),
        thresholds=tuple(float(t) if math.isfinite(t) else None for t in thresholds),
        validation=_measured(point, "validation"),
        test=_measured(point, "test"),
        routing=tuple(routing.tolist()),
        confusion=tuple(_confusion(network, taken).tolist()) if classes else None,
    )


def _measured(point: pd.DataFrame, part: str) -> Measured:
    (cost,), (score,) = cost_and_score(point, part)
    rmse = point.iloc[0].get(f"{part}_rmse")
    return Measured(score=score, rmse=None if rmse is None else float(rmse), cost=cost)


def _confusion(network: _Network, taken: Ints) -> Ints:
    """The confusion matrix on test: counts [K * K], labels slowest."""
    classes = network.logits.values.shape[-1]  # noqa: PD011 -- no pandas
    predicted = network.predictions.predicted[taken, np.arange(len(taken))].astype(np.int64)
    counts: Ints = np.bincount(network.logits.class_labels * classes + predicted, None, classes**2)
    return counts
