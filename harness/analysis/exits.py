"""Exits on test at chosen operating points: where samples leave, and how reliable each exit is.

Pure functions of the table of test samples, small enough to be kept where that table is not.
"""

import numpy as np
import pandas as pd

from harness.metrics.network import CALIBRATION_BINS


def routing_data(samples: pd.DataFrame) -> pd.DataFrame:
    """Routing on test at each regime's operating point of at most half the full cost.

    One row per regime and exit.

    Parameters
    ----------
    samples
        As `harness.analysis.operating_points.sample_table` makes it.

    Returns
    -------
    Columns regime, exit, share (of the test samples, which leave there), accuracy (of these; R^2
    for regression; NaN where none leaves) and overall (accuracy of all samples).
    """
    score = samples["correct" if "correct" in samples else "score"].astype(float)
    table = pd.DataFrame(
        {"regime": samples["regime"].astype(str), "exit": samples["exit"], "score": score}
    )
    exits = range(1, sum(str(name).startswith("confidence_") for name in samples) + 1)
    found = table.groupby(["regime", "exit"])["score"].agg(["size", "mean"])
    every = pd.MultiIndex.from_product([sorted(table["regime"].unique()), exits])
    found = found.reindex(every.set_names(["regime", "exit"])).reset_index()
    sizes = found["size"].fillna(0)
    return pd.DataFrame(
        {
            "regime": found["regime"],
            "exit": found["exit"],
            "share": sizes / sizes.groupby(found["regime"]).transform("sum"),
            "accuracy": found["mean"],
            "overall": found["regime"].map(table.groupby("regime")["score"].mean()),
        }
    )


def reliability_data(samples: pd.DataFrame) -> pd.DataFrame:
    """Accuracy against confidence of each exit on all test samples, in 15 equal bins.

    Parameters
    ----------
    samples
        As `harness.analysis.operating_points.sample_table` makes it, with the confidence of
        the study's policy.

    Returns
    -------
    One row per regime, exit and bin that holds samples: regime, exit, bin (from 0), confidence
    and accuracy (means over the bin), samples, and ece (expected calibration error of the exit:
    mean over the samples of the bins' |accuracy - confidence|). Without rows for a regression.
    """
    if "correct" not in samples:
        columns = ["regime", "exit", "bin", "confidence", "accuracy", "samples", "ece"]
        return pd.DataFrame(columns=columns)
    names = [str(name) for name in samples if str(name).startswith("confidence_")]
    parts = []
    for exit_number, name in enumerate(names, 1):
        known = samples[samples[name].notna()]
        # float64: the mean of many float32 loses digits.
        confidence = known[name].astype(np.float64)
        bins = np.minimum((confidence * CALIBRATION_BINS).astype(int), CALIBRATION_BINS - 1)
        part = pd.DataFrame(
            {
                "regime": known["regime"].astype(str),
                "exit": exit_number,
                "bin": bins,
                "confidence": confidence,
                "accuracy": known[f"correct_{exit_number}"].astype(np.float64),
                "samples": 1,
            }
        )
        how = {"confidence": "mean", "accuracy": "mean", "samples": "sum"}
        parts.append(part.groupby(["regime", "exit", "bin"], as_index=False).agg(how))
    data = pd.concat(parts).sort_values(["regime", "exit", "bin"], ignore_index=True)
    gap = (data["accuracy"] - data["confidence"]).abs() * data["samples"]
    groups = [data["regime"], data["exit"]]
    every = data["samples"].groupby(groups).transform("sum")
    return data.assign(ece=gap.groupby(groups).transform("sum") / every)
