"""Coverage and size of prediction sets, exit by exit, for the network at each regime's knee.

Part of the frontier stage, like `harness.analysis.frontiers`: it reads the test logits.
"""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.stats import binomtest

from harness.analysis.chosen_points import knee_points
from harness.core.errors import InputError
from harness.core.types import Bools, ExitLogits
from harness.results import trials
from harness.results.sealed import read_test
from harness.results.study_record import StudyRecord
from harness.statistics.prediction_sets import (
    anytime_sets,
    conformal_sets,
    resampled_coverage,
    running_intersection,
    set_quality,
)

RESAMPLES = 200


def coverage_table(
    folder: Path, record: StudyRecord, frontier: pd.DataFrame, alpha: float
) -> pd.DataFrame:
    """Coverage of prediction sets at error level `alpha`, per regime and exit, on test.

    Each regime is represented by the network of its frontier's knee, which validation chose.
    Columns: regime, sets, exit, coverage, low, high, size, nestedness, promised: the coverage that
    is guaranteed, NaN where none is.

    - `conformal`: each exit by itself, calibrated on the calibration part; `nested`: intersected
      with those of the exits before. Without a calibration part they are calibrated on validation,
      which chose the networks, and nothing is guaranteed. The interval holds the middle 95 % of the
      coverages over 200 random halvings of the test part into calibration and test.
    - `anytime`: EENN-AVCS, without calibration; guaranteed by an assumption on the network alone,
      that its logits are what labels are drawn from. The interval is Wilson's, at 95 %.

    Raises
    ------
    InputError
        `alpha` is out of range, a trial is damaged, or the study is a regression.
    """
    if record.manifest.task != "classification":
        raise InputError(
            f"{folder}: prediction sets hold classes, found a {record.manifest.task} study"
        )
    rows = []
    for regime, key in knee_points(frontier, record)[["regime", "key"]].itertuples(index=False):
        calibration, test = trials.read_trial(folder, key).fitting, read_test(folder, key)
        rows += [{"regime": regime, **row} for row in _rows(calibration, test, alpha)]
    table = pd.DataFrame(rows)
    return table.assign(promised=_promised(table, record, alpha))


def guarantee_note(record: StudyRecord) -> str:
    """What a table of coverages promises, and what it does not."""
    own = (
        "The coverage of conformal and nested sets is guaranteed: they are calibrated on samples "
        "that chose no network."
        if record.manifest.calibrated_on == "calibration"
        else f"No coverage is guaranteed: split {record.manifest.name} has no calibration part, so "
        "that sets are calibrated on validation, which chose the networks."
    )
    return f"{own} That of anytime sets never is: networks do not meet their assumption."


def _promised(table: pd.DataFrame, record: StudyRecord, alpha: float) -> pd.Series:
    """1 - alpha of each exit's own sets, 1 - e alpha of the intersection of exits 1..e."""
    misses = alpha * table["exit"].where(table["sets"] == "nested", 1)
    none = (table["sets"] == "anytime") | (record.manifest.calibrated_on == "validation")
    return (1 - misses).clip(lower=0).mask(none)


def _rows(
    calibration: ExitLogits, test: ExitLogits, alpha: float
) -> Iterator[dict[str, float | int | str]]:
    own = conformal_sets(calibration, test, alpha)
    for name, sets in (("conformal", own), ("nested", running_intersection(own))):
        spread = resampled_coverage(test, alpha, intersected=name == "nested", resamples=RESAMPLES)
        yield from _quality(name, sets, test, list(zip(spread.low, spread.high, strict=True)))
    sets = running_intersection(anytime_sets(test, alpha))
    samples = len(test.labels)
    held = sets[:, np.arange(samples), test.class_labels].sum(1)
    intervals = [binomtest(int(h), samples).proportion_ci(method="wilson") for h in held]
    yield from _quality("anytime", sets, test, [(i.low, i.high) for i in intervals])


def _quality(
    name: str, sets: Bools, test: ExitLogits, intervals: list[tuple[float, float]]
) -> Iterator[dict[str, float | int | str]]:
    found = set_quality(sets, test.class_labels)
    for index, (low, high) in enumerate(intervals):
        yield {
            "sets": name,
            "exit": index + 1,
            "coverage": float(found.coverage[index]),
            "low": float(low),
            "high": float(high),
            "size": float(found.size[index]),
            "nestedness": float(found.nestedness[index]),
        }
