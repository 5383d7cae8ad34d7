"""Operating points of a frontier chosen on validation: its knee, or the best within a budget."""

import numpy as np
import pandas as pd

from harness.core.types import Floats, Staircase
from harness.frontier.pareto import knee
from harness.frontier.staircase import staircase
from harness.results.study_record import StudyRecord
from harness.results.tables import cost_and_score

HALF = 0.5


def knee_points(frame: pd.DataFrame, record: StudyRecord) -> pd.DataFrame:
    """The knee of each regime's frontier: the row that alone dominates most area on validation.

    Parameters
    ----------
    frame
        The regimes' frontiers, as `harness.analysis.frontiers` makes them.

    Returns
    -------
    One row per regime, with the columns and the index of `frame`.
    """
    floor = record.reference.score
    chosen = []
    for _, points in frame.groupby("regime"):
        chosen.append(points.index[knee(*cost_and_score(points), 1.0, floor)])
    return frame.loc[chosen]


def half_points(frame: pd.DataFrame) -> pd.DataFrame:
    """The row of each regime's frontier that is best on validation within half of the full cost.

    Where every point costs more, the cheapest. At such points samples take every exit; the knee may
    let nearly all of them leave at the first.

    Returns
    -------
    One row per regime, with the columns and the index of `frame`.
    """
    chosen = []
    for _, points in frame.groupby("regime"):
        best = best_within(points, HALF)
        cheapest = int(points["validation_cost"].argmin())
        chosen.append(points.index[cheapest if best is None else best])
    return frame.loc[chosen]


def best_within(points: pd.DataFrame, budget: float) -> int | None:
    """Position of the point that is best on validation among those of at most a relative cost.

    None where every point costs more.
    """
    cost, score = cost_and_score(points)
    affordable = np.flatnonzero(cost <= budget)
    if not len(affordable):
        return None
    return int(affordable[np.argmax(score[affordable])])


def staircase_of(points: pd.DataFrame, part: str) -> Staircase:
    """The score on a part of the point that validation chooses for each budget, among `points`."""
    return staircase(*cost_and_score(points), cost_and_score(points, part)[1])


def threshold_vectors(points: pd.DataFrame, exits: int) -> Floats:
    """Thresholds of some points of one network with E exits: float64 [F, E-1]."""
    names = [f"threshold_{e}" for e in range(1, exits)]
    return points[names].to_numpy(dtype=np.float64) if names else np.empty((len(points), 0))


def exits_of(frame: pd.DataFrame) -> int:
    """E of the deepest network of a frontier."""
    return 1 + sum(str(name).startswith("threshold_") for name in frame)
