"""Chosen operating points looked at closely: each test sample, each class, each cost budget.

Part of the final stage, like `harness.analysis.frontiers`: it reads the test logits, for points
that validation chose.
"""

import json
import math
from collections.abc import Hashable
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import numpy as np
import pandas as pd

from harness.analysis.chosen_points import (
    COST_BUDGETS,
    best_within,
    exits_of,
    half_points,
    threshold_vectors,
)
from harness.core.files import Json, atomic_file, write_text
from harness.core.types import Bools, ExitLogits, Floats, Ints
from harness.metrics.network import class_table
from harness.policies import ExitPolicy
from harness.policies.predictions import ExitPredictions, apply_policy
from harness.policies.routing import route
from harness.results import trials
from harness.results.sealed import read_test
from harness.results.study_record import StudyRecord
from harness.results.tables import BUDGETS, CLASSES, SAMPLES

NO_ANSWER = -1
"""In place of a class, at exits that a static network does not have."""


@dataclass(frozen=True)
class _Network:
    """What one network's exits say about the test part.

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
    folder: Path, record: StudyRecord, frame: pd.DataFrame, policy: ExitPolicy
) -> None:
    """Write samples.parquet, budgets.json and classes.csv.

    Parameters
    ----------
    frame
        The regimes' frontiers with their test images.
    policy
        The study's own.
    """
    chosen = half_points(frame)
    with atomic_file(folder / SAMPLES) as temporary:
        sample_table(folder, chosen, policy).to_parquet(temporary, index=False)
    budgets = budget_points(folder, record, frame, policy)
    write_text(folder / BUDGETS, json.dumps(budgets, separators=(",", ":"), allow_nan=False) + "\n")
    with atomic_file(folder / CLASSES) as temporary:
        class_tables(folder, record, chosen, policy).to_csv(temporary, index=False)


def sample_table(folder: Path, points: pd.DataFrame, policy: ExitPolicy) -> pd.DataFrame:
    """What each point does with every test sample: one row per point and sample.

    Parameters
    ----------
    points
        Rows of a frontier, one per regime.

    Returns
    -------
    Columns regime, sample (from 0, in the order of the split's test indices), exit (from 1: where
    it leaves), and per exit confidence_e. Of a classification also label, answer and right, and
    per exit answer_e and right_e; of a regression score, and per exit score_e (1 less the squared
    error of the standardised targets). Exits that a static network does not have hold a confidence
    of NaN, the answer -1, False and 0.
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
    """How each class fares on test at each point: `class_table`'s columns after regime.

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


def budget_points(
    folder: Path, record: StudyRecord, frame: pd.DataFrame, policy: ExitPolicy
) -> dict[str, Json]:
    """What each regime gives for each cost budget, by the point that is best on validation.

    Returns
    -------
    `budgets`: relative costs. `classes`: names [K], of a classification. `regimes`: by name
    `points`, each once, and `at`: for each budget the index of its point, None where all cost more.
    A point holds key, configuration, seed, static_exit, thresholds (None is never), accuracy and
    cost (and rmse of a regression) on validation and test, routing (share of the test samples that
    leaves at each exit), and of a classification `confusion`: counts on test, K rows (labels) of K
    answers one after the other.
    """
    regimes: dict[str, Json] = {}
    for regime, points in frame.groupby("regime"):
        chosen = [best_within(points, budget) for budget in COST_BUDGETS]
        distinct = sorted({position for position in chosen if position is not None})
        at: list[Json] = [None if p is None else distinct.index(p) for p in chosen]
        entries = _entries(folder, points.iloc[distinct], policy)
        regimes[str(regime)] = {"points": entries, "at": at}
    found: dict[str, Json] = {"budgets": list(COST_BUDGETS), "regimes": regimes}
    if record.manifest.task == "classification":
        found["classes"] = list(record.manifest.classes)
    return found


def _read(folder: Path, point: pd.DataFrame, policy: ExitPolicy) -> _Network:
    key = str(point["key"].iloc[0])
    logits, validation = read_test(folder, key), trials.read(folder, key).validation
    first = max(int(point["static_exit"].iloc[0]), 1)
    return _Network(first, logits, apply_policy(policy, logits, validation))


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
        columns["answer"] = predictions.predicted[taken, samples].astype(np.int16)
        columns["right"] = predictions.correct[taken, samples]
    else:
        columns["score"] = predictions.score[taken, samples].astype(np.float32)
    deepened = _deepened(network, exits)
    for e in range(exits):
        columns[f"confidence_{e + 1}"] = deepened.confidence[e].astype(np.float32)
        if classes:
            columns[f"answer_{e + 1}"] = deepened.predicted[e].astype(np.int16)
            columns[f"right_{e + 1}"] = deepened.score[e].astype(bool)
        else:
            columns[f"score_{e + 1}"] = deepened.score[e].astype(np.float32)
    return pd.DataFrame(columns)


def _deepened(network: _Network, exits: int) -> ExitPredictions:
    """The decision with a row for each of E depths; those that the network lacks say nothing."""
    predictions, missing = network.predictions, exits - network.exits
    around = [(network.first - 1, missing - network.first + 1), (0, 0)]
    targets = [(0, 0)] * (predictions.predicted.ndim - 2)
    confidence = np.pad(predictions.confidence, around, constant_values=np.nan)
    answers = np.pad(predictions.predicted, around + targets, constant_values=NO_ANSWER)
    score = np.pad(predictions.score, around, constant_values=0)
    # numpy's types lose what the union held.
    return ExitPredictions(
        confidence, cast("Ints | Floats", answers), cast("Floats | Bools", score)
    )


def _entries(folder: Path, points: pd.DataFrame, policy: ExitPolicy) -> list[Json]:
    exits = exits_of(points)
    found: dict[Hashable, Json] = {}
    for _, rows in points.groupby("key", sort=False):
        network = _read(folder, rows, policy)
        for index in rows.index:
            found[index] = _entry(network, rows.loc[[index]], exits)
    return [found[index] for index in points.index]


def _entry(network: _Network, point: pd.DataFrame, exits: int) -> dict[str, Json]:
    row, taken = point.iloc[0], network.route(point)
    measured = [f"{p}_{n}" for p in ("validation", "test") for n in ("accuracy", "rmse", "cost")]
    routing = np.bincount(taken + network.first - 1, minlength=exits) / len(taken)
    entry: dict[str, Json] = {
        "key": str(row["key"]),
        **{name: int(row[name]) for name in ("configuration", "seed", "static_exit")},
        "thresholds": _finite(threshold_vectors(point, network.exits)[0]),
        **{name: float(row[name]) for name in measured if name in row},
        "routing": routing.tolist(),
    }
    if network.logits.task == "classification":
        entry["confusion"] = _confusion(network, taken).tolist()
    return entry


def _confusion(network: _Network, taken: Ints) -> Ints:
    """Counts [K * K], labels slowest."""
    classes = network.logits.values.shape[-1]  # noqa: PD011 -- no pandas
    answers = network.predictions.predicted[taken, np.arange(len(taken))].astype(np.int64)
    counts: Ints = np.bincount(network.logits.class_labels * classes + answers, None, classes**2)
    return counts


def _finite(thresholds: Floats) -> list[Json]:
    return [float(value) if math.isfinite(value) else None for value in thresholds]
