"""What training curves say: loss weights of the exits by epoch, and trainings that end rising.

docs/methods.md, "Undertraining", has the definition of the latter and its limits.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from harness.core.types import Floats
from harness.results.study_record import StudyRecord
from harness.statistics.paired import LEVEL

_EXIT = "exit_"
_BAND = (0.1, 0.9)
_STILL = 1e-3
"""A weight that changes less than this in a training counts as fixed."""
LAST_SHARE, FEWEST = 0.1, 5
"""The end of a training: this share of its epochs, at least so many."""


def gates_data(weights: pd.DataFrame) -> pd.DataFrame:
    """Mean loss weight per exit and epoch over a regime's trials.

    Parameters
    ----------
    weights
        As of `harness.analysis.trial_tables.TrialTables`.

    Returns
    -------
    Columns regime, epoch (from 1), exit, mean, low and high (the middle 80 % of the trials) and
    trials; only regimes whose weights change in a training, so empty where none does.
    """
    columns = ["regime", "epoch", "exit", "mean", "low", "high", "trials"]
    exits = [str(name) for name in weights if str(name).startswith(_EXIT)]
    if weights.empty or not exits:
        return pd.DataFrame(columns=columns)
    by_trial = weights.groupby(["regime", "key"])[exits]
    moving = (by_trial.max() - by_trial.min()).max(axis=1).groupby("regime").max()
    moved = weights[weights["regime"].isin(moving[moving > _STILL].index)]
    every = moved.melt(["regime", "epoch"], exits, "exit", "weight").dropna(subset="weight")
    every = every.assign(exit=every["exit"].str.removeprefix(_EXIT).astype(int))
    groups = every.groupby(["regime", "epoch", "exit"])["weight"]
    found = pd.DataFrame(
        {
            "mean": groups.mean(),
            "low": groups.quantile(_BAND[0]),
            "high": groups.quantile(_BAND[1]),
            "trials": groups.size(),
        }
    )
    return found.reset_index()[columns]


@dataclass(frozen=True)
class Rise:
    """How a score moves over the end of a training.

    Attributes
    ----------
    beyond_noise
        Whether it rises by more than its noise.
    amount
        From the first to the last of these epochs, by the fitted line.
    """

    beyond_noise: bool
    amount: float


def rise_at_end(scores: Floats) -> Rise | None:
    """The rise of a score over the last tenth of the epochs, at least five; None if too short.

    It is beyond noise where the slope of the least-squares line is positive by a one-sided t-test
    at 5 %.

    Parameters
    ----------
    scores
        By epoch [T].

    Examples
    --------
    >>> found = rise_at_end(np.array([0.1, 0.2, 0.31, 0.4, 0.5]))
    >>> found.beyond_noise, round(found.amount, 3)
    (True, 0.4)
    """
    from scipy.stats import linregress

    last = max(FEWEST, round(LAST_SHARE * len(scores)))
    if len(scores) < last:
        return None
    end = scores[-last:]
    if np.ptp(end) == 0:
        return Rise(beyond_noise=False, amount=0.0)
    line = linregress(np.arange(last), end, alternative="greater")
    return Rise(bool(line.pvalue <= LEVEL), float(line.slope * (last - 1)))


def undertrained(record: StudyRecord, facts: pd.DataFrame) -> pd.DataFrame:
    """How many of each regime's trainings end rising, and how likely noise gives as many.

    Parameters
    ----------
    facts
        As of `harness.analysis.trial_tables.TrialTables`.

    Returns
    -------
    Columns regime, rising, trials (those of at least FEWEST epochs), amount (median over them) and
    p: the probability of as many or more where none rises. Empty where all trainings are shorter.
    """
    from scipy.stats import binom

    regimes = [each.regime for each in record.succeeded() for _ in each.keys]
    known = facts.assign(regime=regimes).dropna(subset="rise")
    counted = (
        known.groupby("regime")
        .agg(rising=("rising", "sum"), trials=("rise", "size"), amount=("rise", "median"))
        .reset_index()
    )
    rising, of = (counted[name].to_numpy(dtype=np.int64) for name in ("rising", "trials"))
    return counted.assign(p=binom.sf(rising - 1, of, LEVEL))
