"""Tables of the frontier stage in a study's folder, and their readers.

Every reader raises InputError where the table is not there, or is not of the study as it is
recorded beside it (`harness.results.stamp`).
"""

from pathlib import Path

import numpy as np
import pandas as pd

from harness.core.types import Floats
from harness.results.stamp import check_table

FRONTIER, INDICES = "frontier.csv", "indices.csv"
SAMPLES, CLASSES = "samples.parquet", "classes.csv"
SEEDS, HYPERVOLUMES = "seeds.parquet", "hypervolumes.parquet"
TRIALS, METRICS = "trials.parquet", "metrics"


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
    return _read(folder / FRONTIER)


def read_regime_indices(folder: Path) -> pd.DataFrame:
    """The indices of every regime."""
    return _read(folder / INDICES)


def read_samples(folder: Path) -> pd.DataFrame:
    """Routing and predictions of each regime's point at half the cost."""
    return _read(folder / SAMPLES)


def read_classes(folder: Path) -> pd.DataFrame:
    """Accuracy and routing by class at the same points; empty for a regression."""
    return _read(folder / CLASSES)


def read_seeds(folder: Path) -> pd.DataFrame:
    """The frontier of every regime and seed."""
    return _read(folder / SEEDS)


def read_hypervolumes(folder: Path) -> pd.DataFrame:
    """Test hypervolumes of every regime and seed, resampled."""
    return _read(folder / HYPERVOLUMES)


def records(frame: pd.DataFrame) -> list[dict[str, object]]:
    """The rows of a table as plain data, missing values as None."""
    plain = frame.astype(object).where(frame.notna(), None)
    return [{str(k): v for k, v in row.items()} for row in plain.to_dict("records")]


def _read(path: Path) -> pd.DataFrame:
    check_table(path.parent, path.name)
    return pd.read_parquet(path) if path.suffix == ".parquet" else pd.read_csv(path)
