"""Tables of the frontier stage in a study's folder, and their readers.

Every reader raises InputError where the table is not there, or is not of the study as it is
recorded beside it (`harness.results.stamp`).
"""

from collections.abc import Collection
from pathlib import Path

import numpy as np
import pandas as pd

from harness.core.errors import DataError
from harness.core.types import Floats
from harness.results.absent import tables_again
from harness.results.stamp import TRIALS, check_table
from harness.results.tabular import read_table

FRONTIER, INDICES = "frontier.csv", "indices.csv"
SAMPLES, CLASSES = "samples.parquet", "classes.csv"
ROUTING, RELIABILITY = "routing.csv", "reliability.parquet"
GATES, UNDERTRAINING = "gates.parquet", "undertraining.csv"
SEEDS, HYPERVOLUMES = "seeds.parquet", "hypervolumes.parquet"
METRICS = "metrics"
AT_BUDGETS = "at_budgets.parquet"
TEST_COST = "test_cost"
"""A column of frontiers that are evaluated on test, not on validation alone."""

_TEXT = ("regime", "key")
_POINTS = (*_TEXT, "configuration", "seed", "static_exit", "validation_cost")
"""Columns of every table of operating points."""


def score_column(table: pd.DataFrame, part: str = "validation") -> str:
    """The column that holds the mean score on a part: its accuracy, or R^2 of a regression."""
    name = f"{part}_accuracy"
    return name if name in table else f"{part}_r2"


def cost_and_score(table: pd.DataFrame, part: str = "validation") -> tuple[Floats, Floats]:
    """Relative cost and mean score [F] of a frontier's points on a part."""
    columns = (f"{part}_cost", score_column(table, part))
    cost, score = (table[column].to_numpy(dtype=np.float64) for column in columns)
    return cost, score


def read_frontier(folder: Path) -> pd.DataFrame:
    """The operating points of every regime's frontier."""
    return _read(folder / FRONTIER, _POINTS, _TEXT)


def read_regime_indices(folder: Path) -> pd.DataFrame:
    """The indices of every regime."""
    return _read(folder / INDICES, ("regime", "trials", "validation_hypervolume"), ("regime",))


def read_samples(folder: Path) -> pd.DataFrame:
    """Routing and predictions of each regime's point at half the cost."""
    return _read(folder / SAMPLES, ("regime", "sample", "exit"))


def read_classes(folder: Path) -> pd.DataFrame:
    """Accuracy and routing by class at the same points; empty for a regression."""
    return _read(folder / CLASSES, ("regime", "class", "samples", "mean_exit"), ("regime", "class"))


def read_routing(folder: Path) -> pd.DataFrame:
    """Where test samples leave at the same points, and their accuracy there."""
    return _read(folder / ROUTING, ("regime", "exit", "share", "overall"), ("regime",))


def read_reliability(folder: Path) -> pd.DataFrame:
    """Accuracy against confidence of each exit at the same points; empty for a regression."""
    return _read(folder / RELIABILITY, ("regime", "exit", "bin", "confidence", "accuracy", "ece"))


def read_gates(folder: Path) -> pd.DataFrame:
    """Mean loss weight of each exit by epoch, of the regimes where it changes."""
    return _read(folder / GATES, ("regime", "epoch", "exit", "mean", "low", "high", "trials"))


def read_undertraining(folder: Path) -> pd.DataFrame:
    """How many of each regime's trainings end rising."""
    needed = ("regime", "rising", "trials", "amount", "p")
    return _read(folder / UNDERTRAINING, needed, ("regime",))


def read_trials(folder: Path) -> pd.DataFrame:
    """What each trained network was, how it ended and what it cost to train."""
    return _read(folder / TRIALS, ("number", "regime", "key", "seed", "static_exit"))


def read_seeds(folder: Path) -> pd.DataFrame:
    """The frontier of every regime and seed."""
    return _read(folder / SEEDS, (*_POINTS, TEST_COST))


def read_hypervolumes(folder: Path) -> pd.DataFrame:
    """Test hypervolumes of every regime and seed, resampled."""
    return _read(folder / HYPERVOLUMES, ("regime", "seed", "replicate", "hypervolume"))


def read_at_budgets(folder: Path) -> pd.DataFrame:
    """Metrics on test of each regime's and seed's point within each cost budget."""
    return _read(folder / AT_BUDGETS, ("regime", "seed", "budget", "configuration", "key", "cost"))


def records(frame: pd.DataFrame) -> list[dict[str, object]]:
    """The rows of a table as plain data, missing values as None."""
    plain = frame.astype(object).where(frame.notna(), None)
    return [{str(k): v for k, v in row.items()} for row in plain.to_dict("records")]


def _read(path: Path, needed: Collection[str], text: Collection[str] = ()) -> pd.DataFrame:
    check_table(path.parent, path.name)
    remedy = tables_again(path.parent)
    table = read_table(path, remedy, needed, text)
    if "validation_cost" in needed and score_column(table) not in table:
        raise DataError(f"{path}: it lacks a column of scores; {remedy}")
    return table
