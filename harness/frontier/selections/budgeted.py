"""Budgeted batch classification (MSDNet): fixed shares of the samples leave at each exit."""

from dataclasses import dataclass
from typing import Annotated

import numpy as np

from harness.core.parameters import bounded
from harness.core.types import Floats
from harness.frontier.selections import Selection
from harness.policies.predictions import ExitPredictions

_WIDEST = 100.0
"""Largest ratio q of successive shares; its inverse is the smallest."""


@dataclass(frozen=True)
class Budgeted(Selection):
    """Shares P(leave at exit k) = q^k / (q + q^2 + ... + q^E), one vector for each q.

    Huang et al. 2018, arXiv 1703.09844; the ratio q is swept past 1, as in the authors' code. Of
    the n_k validation samples that reach exit k, the n_k q^k / (q^k + ... + q^E), rounded, most
    confident ones leave: the threshold is the lowest confidence among them. Equal confidences leave
    together, and the later exits share the remaining samples in the same ratios. Labels are not
    used.
    """

    steps: Annotated[
        int, bounded(2, 1000, "values of q, from 0.01 (nearly all leave first) to 100, log-spaced")
    ] = 41

    def select(self, predictions: ExitPredictions, costs: Floats) -> Floats:
        """One vector per q, by rising q (and so by rising cost, ties aside): [steps, E-1]."""
        del costs
        confidence = predictions.confidence
        exits, samples = confidence.shape
        if exits == 1:
            return np.empty((1, 0))
        # Share of the samples reaching exit k that leave there: 1 / (1 + q + ... + q^(E-k)).
        ratio = np.geomspace(1 / _WIDEST, _WIDEST, self.steps)
        shares = 1 / np.cumsum(ratio[:, None] ** np.arange(exits), axis=1)[:, :0:-1]
        inside = np.ones((self.steps, samples), dtype=bool)
        thresholds = np.full((self.steps, exits - 1), np.inf)
        for index in range(exits - 1):
            ranked = np.sort(np.where(inside, confidence[index], -np.inf), axis=1)
            leaving = np.rint(inside.sum(1) * shares[:, index]).astype(np.int64)
            some = np.flatnonzero(leaving)
            thresholds[some, index] = ranked[some, samples - leaving[some]]
            inside &= confidence[index] < thresholds[:, index, None]
        return thresholds
