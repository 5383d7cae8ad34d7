"""The tables that the frontier stage leaves in a study's folder."""

from pathlib import Path

import pandas as pd

from harness.core.errors import InputError

FRONTIER, INDICES = "frontier.csv", "indices.csv"


def read_frontier(folder: Path) -> pd.DataFrame:
    """The operating points of every regime's frontier; raises InputError before the stage ran."""
    return _read(folder / FRONTIER)


def read_indices(folder: Path) -> pd.DataFrame:
    """The indices of every regime; raises InputError before the frontier stage ran."""
    return _read(folder / INDICES)


def _read(path: Path) -> pd.DataFrame:
    try:
        return pd.read_csv(path)
    except FileNotFoundError:
        raise InputError(
            f"{path}: not there yet; run `harness frontier {path.parent.name}`"
        ) from None
