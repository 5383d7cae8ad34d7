"""Predictions of every exit under an exit policy: confidence, predicted label, score."""

from dataclasses import dataclass

import numpy as np

from harness.core.errors import InputError
from harness.core.types import Bools, ExitLogits, Floats, Ints
from harness.policies import POLICIES, ExitPolicy
from harness.policies.calibration import scale_outputs, temperatures


@dataclass(frozen=True)
class ExitPredictions:
    """Prediction, confidence and score of every exit for every sample.

    Attributes
    ----------
    confidence
        float64 [E, N] in [0, 1].
    predicted
        int64 [E, N], or float64 [E, N, D] for regression.
    score
        [E, N]: score of the prediction. For classification bool, whether it is correct: the mean
        over samples is the accuracy. For regression float64, 1 minus the squared error of the
        standardised targets (mean over them): the mean is R^2 relative to the training part's
        mean and variance.
    """

    confidence: Floats
    predicted: Ints | Floats
    score: Floats | Bools

    @property
    def correct(self) -> Bools:
        """Whether each prediction is correct: bool [E, N]; raises InputError for a regression."""
        if self.predicted.dtype.kind == "f":
            raise InputError(
                "correct predictions are defined for classification only, found a regression; "
                "policies, selections and prediction sets that need them do not apply"
            )
        return self.score.astype(bool, copy=False)


def apply_policy(policy: ExitPolicy, outputs: ExitLogits, fit_on: ExitLogits) -> ExitPredictions:
    """Apply a policy to the outputs of one network.

    Parameters
    ----------
    fit_on
        Outputs of the same network that temperatures and the policy are fitted on.

    Raises
    ------
    InputError
        The policy needs outputs that this network lacks, or is for another task.
    """
    if outputs.task not in policy.tasks:
        raise InputError(
            f"policy {POLICIES.name_of(policy)} is for {' and '.join(policy.tasks)}, "
            f"found the outputs of a {outputs.task}"
        )
    if policy.calibrated:
        scale = temperatures(fit_on)
        outputs, fit_on = scale_outputs(outputs, scale), scale_outputs(fit_on, scale)
    predicted = policy.predict(outputs)
    return ExitPredictions(
        policy.confidence(outputs, fit_on), predicted, scores(predicted, outputs)
    )


def scores(predicted: Ints | Floats, outputs: ExitLogits) -> Floats | Bools:
    """Scores [E, N] of predictions [E, N] or [E, N, D] against the labels.

    Examples
    --------
    Two samples whose standardised target is 1: one predicted exactly, one as the mean.

    >>> outputs = ExitLogits(np.zeros((1, 2, 2), np.float32), np.ones((2, 1), np.float32))
    >>> scores(np.array([[[1.0], [0.0]]]), outputs).tolist()
    [[1.0, 0.0]]
    """
    found: Floats | Bools
    if outputs.task == "regression":
        found = 1 - np.square(predicted - outputs.labels).mean(-1)
    else:
        found = predicted == outputs.labels
    return found
