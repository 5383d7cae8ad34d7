"""Accuracy of held-out samples whose softmax probability was similar (PCEE)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

import numpy as np
from scipy.special import softmax

from harness.core.parameters import bounded
from harness.core.types import ExitLogits, Floats, Ints
from harness.policies import ExitPolicy


@dataclass(frozen=True)
class PCEE(ExitPolicy):
    """c_e = accuracy of exit e on the samples it is fitted on in the bin of max p_e.

    Performance Control Early Exiting (arXiv 2412.19325), with bins of equal numbers of samples:
    bins of equal width would be all but empty where probabilities pile up near 1. An isotonic fit
    would rise with max p_e, and so give the frontier of `max_softmax` with other thresholds; in
    bins, probabilities at which an exit is overconfident stay in the network. The paper compares
    every exit with one threshold, the accuracy that is asked for; here each exit has its own.
    """

    bins: Annotated[int, bounded(1, 1000, "bins of equal numbers of samples, per exit")] = 20

    def fitted(self, fit_on: ExitLogits) -> Mapping[str, Floats]:
        """Where each bin starts, and the accuracy in it: [E, bins] both.

        Where many probabilities are equal, some bins start where the next one does: no sample lies
        in them, and their accuracy is 0.
        """
        probability = _largest_probability(fit_on)
        correct = self.predict(fit_on) == fit_on.class_labels
        samples = probability.shape[1]
        firsts = np.arange(self.bins) * samples // self.bins
        starts = np.sort(probability, axis=1)[:, firsts]
        accuracy = np.zeros_like(starts)
        for index, found in enumerate(_bins(probability, starts)):
            right = np.bincount(found, correct[index], minlength=self.bins)
            accuracy[index] = right / np.maximum(np.bincount(found, minlength=self.bins), 1)
        return {"starts": starts, "accuracy": accuracy}

    def confidence(self, outputs: ExitLogits, fit_on: ExitLogits) -> Floats:
        """Confidences [E, N] in [0, 1]."""
        tables = self.fitted(fit_on)
        found = _bins(_largest_probability(outputs), tables["starts"])
        confidence: Floats = np.take_along_axis(tables["accuracy"], found, axis=1)
        return confidence


def _largest_probability(outputs: ExitLogits) -> Floats:
    probability: Floats = softmax(outputs.values.astype(float), axis=-1).max(-1)
    return probability


def _bins(probability: Floats, starts: Floats) -> Ints:
    """The last bin [E, N] that starts at or below each probability, else the first with samples."""
    inside = np.maximum(probability, starts[:, :1])
    rows = zip(starts, inside, strict=True)
    return np.stack([np.searchsorted(start, row, side="right") - 1 for start, row in rows])
