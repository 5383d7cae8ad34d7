"""Exact table: the non-dominated of all threshold vectors on a grid of quantiles."""

from dataclasses import dataclass
from typing import Annotated

from harness.core.parameters import bounded
from harness.core.types import Floats
from harness.frontier.pareto import pareto_frontier
from harness.frontier.selections import Selection
from harness.frontier.thresholds import (
    MOST_LEVELS,
    check_levels,
    default_levels,
    threshold_levels,
    threshold_table,
)
from harness.policies.predictions import ExitPredictions


@dataclass(frozen=True)
class ExactTable(Selection):
    """The non-dominated set of {accuracy(t), cost(t) : t in T_1 x ... x T_{E-1}}.

    T_e holds `levels` thresholds of exit e: quantiles of its validation confidences, and infinity.
    Accuracy and cost of all vectors are counted exactly (docs/methods.md, "Threshold table").
    """

    levels: Annotated[
        int, bounded(0, MOST_LEVELS, "grid levels per exit; 0 makes about 10^6 vectors in all")
    ] = 0

    def select(self, predictions: ExitPredictions, costs: Floats) -> Floats:
        """Non-dominated vectors [F, E-1], by rising cost on validation.

        Raises
        ------
        InputError
            The grid has more than 10^8 vectors.
        """
        confidence = predictions.confidence
        levels = self.levels or default_levels(len(confidence))
        check_levels(levels, len(confidence))
        grid = threshold_levels(confidence, levels)
        table = threshold_table(confidence, predictions.score, costs, grid)
        return pareto_frontier(table).thresholds
