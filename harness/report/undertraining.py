"""Trainings whose validation score still rises at the last epoch: more epochs may change the order.

docs/methods.md, "Undertraining", has the definition and its limits.
"""

from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from harness.core.types import Floats
from harness.results import trials
from harness.results.study_record import StudyRecord
from harness.statistics.paired import LEVEL

LAST_SHARE, FEWEST = 0.1, 5
"""The end of a training: this share of its epochs, at least so many."""


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


def undertrained(folder: Path, record: StudyRecord) -> pd.DataFrame:
    """How many of each regime's trainings end rising, and how likely noise gives as many.

    Returns
    -------
    Columns regime, rising, trials (those of at least FEWEST epochs), amount (median over them) and
    p: the probability of as many or more where none rises. Empty where all trainings are shorter.

    Raises
    ------
    DataError
        A trial is damaged.
    """
    from scipy.stats import binom

    found = pd.DataFrame(
        [
            {"regime": configuration.regime, **asdict(rise)}
            for configuration in record.succeeded()
            for key in configuration.keys
            if (rise := rise_at_end(_scores(trials.read_curve(folder, key)))) is not None
        ],
        columns=["regime", "beyond_noise", "amount"],
    )
    counted = (
        found.groupby("regime")
        .agg(rising=("beyond_noise", "sum"), trials=("amount", "size"), amount=("amount", "median"))
        .reset_index()
    )
    rising, of = (counted[name].to_numpy(dtype=np.int64) for name in ("rising", "trials"))
    return counted.assign(p=binom.sf(rising - 1, of, LEVEL))


def undertraining_remark(folder: Path, record: StudyRecord) -> str:
    """A sentence on the regimes whose trainings end rising more often than noise does; or none."""
    found = undertrained(folder, record)
    found = found[found["p"] <= LEVEL].sort_values("amount", ascending=False)
    if found.empty:
        return ""
    columns = found[["regime", "rising", "trials", "amount"]].itertuples(index=False)
    named = ", ".join(
        f"{regime} ({rising} of {trained}, by {amount:.3f})"
        for regime, rising, trained, amount in columns
    )
    return (
        "Undertraining: at the end of training the validation score still rises in more trainings "
        f"than noise explains (1 in 20) for {named}; with more epochs these may gain."
    )


def _scores(curve: pd.DataFrame) -> Floats:
    """Mean over the exits, by epoch: exits that a phase does not train stay as they are."""
    every: Floats = curve.filter(regex=r"^validation_accuracy_exit_\d+$").mean(axis=1).to_numpy()
    return every
