"""Per-class precision of held-out samples at the prediction's softmax probability or above."""

from dataclasses import dataclass

import numpy as np
from scipy.special import softmax

from harness.core.types import Bools, ExitLogits, Floats
from harness.policies import ExitPolicy


@dataclass(frozen=True)
class PerClass(ExitPolicy):
    """c_e = max over t <= max p_e of the precision that exit e has in class k from t on.

    Here k is the exit's prediction, and that precision is the share of correct predictions among
    the samples it is fitted on that exit e predicts as k with max p_e >= t; t runs over their own
    probabilities. c_e never falls as max p_e rises, so one threshold on c_e is one threshold per
    class on the probability: the lowest that gives this precision. A class that the exit never
    predicts there, or a probability below all of that class, gives 0.

    After the per-class precision thresholds of CalexNet (Aperstein and Apartsin, arXiv 2509.08318),
    which are fitted on the survivors of the earlier exits. There, the survivors depend on the
    thresholds; here these are not known yet, and each exit is fitted on all samples. Where
    few samples lie above t, the precision is a noisy estimate, and an optimistic one for the
    samples that it is fitted on.
    """

    def confidence(self, outputs: ExitLogits, fit_on: ExitLogits) -> Floats:
        """Confidences [E, N] in [0, 1]."""
        predicted, probability = self.predict(outputs), _largest_probability(outputs)
        fitted, fitted_probability = self.predict(fit_on), _largest_probability(fit_on)
        correct = fitted == fit_on.class_labels
        confidence = np.zeros(predicted.shape)
        for index in range(len(predicted)):
            for label in np.unique(predicted[index]):
                asked, known = predicted[index] == label, fitted[index] == label
                thresholds, precision = _precision(
                    fitted_probability[index, known], correct[index, known]
                )
                reached = np.searchsorted(thresholds, probability[index, asked], side="right")
                confidence[index, asked] = np.append(0.0, precision)[reached]
        return confidence


def _largest_probability(outputs: ExitLogits) -> Floats:
    probability: Floats = softmax(outputs.values.astype(float), axis=-1).max(-1)
    return probability


def _precision(probability: Floats, correct: Bools) -> tuple[Floats, Floats]:
    """Rising thresholds, and the best precision at each of them or a lower one."""
    order = np.argsort(probability)
    thresholds, first = np.unique(probability[order], return_index=True)
    reaching = np.arange(len(order), 0, -1)
    precision = correct[order][::-1].cumsum()[::-1] / reaching
    best: Floats = np.maximum.accumulate(precision[first])
    return thresholds, best
