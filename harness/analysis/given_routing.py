"""Thresholds by which given shares of the samples leave at each exit, as a paper reports them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from harness.analysis.fresh_evaluation import FreshEvaluation, without_thresholds
from harness.analysis.frontiers import validation_points
from harness.core.errors import InputError
from harness.core.types import Floats
from harness.frontier.selections import Selection
from harness.frontier.staircase import FULL_COST
from harness.policies.predictions import ExitPredictions
from harness.results.tables import cost_and_score


@dataclass(frozen=True)
class GivenRouting(Selection):
    """The one threshold vector by which given shares of the validation samples leave.

    Of the samples that reach exit k the most confident leave, so many that N (p_1 + ... + p_k),
    rounded, have left; samples of equal confidence leave together. Labels are not used.

    Attributes
    ----------
    shares
        p [E]: share of all samples that leaves at each exit.
    """

    shares: tuple[float, ...]

    def select(self, predictions: ExitPredictions, costs: Floats) -> Floats:
        """The vector [1, E-1].

        Raises
        ------
        InputError
            There are not as many shares as exits.
        """
        del costs
        confidence = predictions.confidence
        exits, samples = confidence.shape
        if exits == 1:
            return np.empty((1, 0))
        if exits != len(self.shares):
            raise InputError(
                f"--routing: {len(self.shares)} shares for networks with {exits} exits"
            )
        thresholds = np.full((1, exits - 1), np.inf)
        inside = np.ones(samples, dtype=bool)
        for index in range(exits - 1):
            gone = int(samples - inside.sum())
            leaving = round(samples * sum(self.shares[: index + 1])) - gone
            if leaving > 0:
                thresholds[0, index] = np.sort(confidence[index, inside])[-leaving]
                inside &= confidence[index] < thresholds[0, index]
        return thresholds


def metrics_at_routing(fresh: FreshEvaluation, shares: Sequence[float]) -> pd.DataFrame:
    """Metrics on test of each regime and fresh seed, where given shares of the samples leave.

    Of the networks of a regime and seed it is the one that is most accurate on validation with such
    thresholds. Static networks, all of whose samples take one exit, have no routing: there is no
    row of a regime that has no others.

    Returns
    -------
    As of `harness.analysis.metrics_at_budgets.metrics_at_budgets`, within full cost.

    Raises
    ------
    InputError
        The networks have another number of exits.
    """
    chosen = replace(fresh.evaluation, selection=GivenRouting(tuple(shares)))
    record = without_thresholds(fresh.tables.record)
    points = validation_points(fresh.folder, record, chosen)
    dynamic = points[points["static_exit"] == 0].reset_index(drop=True)
    cost, score = cost_and_score(dynamic)
    order = np.lexsort((cost, -score))
    best = dynamic.iloc[order].groupby(["regime", "seed"], sort=False).head(1)
    # Of one point for each seed there is nothing to choose within a budget.
    found = fresh.metrics(best.sort_index().assign(validation_cost=0.0))
    return found[found["budget"] == FULL_COST]
