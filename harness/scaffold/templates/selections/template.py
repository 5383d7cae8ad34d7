"""One threshold for all exits, tried at evenly spaced values."""

from dataclasses import dataclass
from typing import Annotated

import numpy as np

from harness.core.parameters import bounded
from harness.core.types import Floats
from harness.frontier.selections import Selection
from harness.policies.predictions import ExitPredictions


@dataclass(frozen=True)
class Template(Selection):
    """Threshold vectors (t, t, ..., t): say here what it chooses, and where it is from."""

    steps: Annotated[int, bounded(2, 1000, "thresholds that are tried")] = 50

    def select(self, predictions: ExitPredictions, costs: Floats) -> Floats:
        """Threshold vectors float64 [F, E-1]; a sample leaves where its confidence reaches one.

        Parameters
        ----------
        predictions
            On held-out samples, never on test: `confidence` [E, N], `correct` [E, N].
        costs
            [E]: cost of leaving at each exit, rising.
        """
        del predictions
        exits = len(costs)
        if exits == 1:
            return np.empty((1, 0))
        return np.repeat(np.linspace(0, 1, self.steps)[:, None], exits - 1, axis=1)
