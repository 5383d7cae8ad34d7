"""What an exit policy decides about some samples."""

from dataclasses import dataclass

import numpy as np

from harness.core.errors import InputError
from harness.core.types import Bools, ExitLogits, Floats, Ints
from harness.policies import POLICIES, ExitPolicy
from harness.policies.calibration import divide, temperatures


@dataclass(frozen=True)
class ExitPredictions:
    """What every exit would answer for every sample, and how sure it is.

    Attributes
    ----------
    confidence
        float64 [E, N] in [0, 1].
    answers
        int64 [E, N], or float64 [E, N, D] for regression.
    score
        [E, N]: what the answer is worth, so that the mean is the accuracy: for classes bool,
        whether it is right. For regression float64, 1 less the squared error of the standardised
        targets (mean over them): the mean is then R^2, with the training part's mean and variance
        as what it is measured against.
    """

    confidence: Floats
    predicted: Ints | Floats
    score: Floats | Bools

    @property
    def correct(self) -> Bools:
        """Whether each answer is the label: bool [E, N]; raises InputError for a regression."""
        if self.predicted.dtype.kind == "f":
            raise InputError(
                "answers are right or wrong in classification alone, found those of a regression; "
                "policies, selections and sets that ask for it do not apply"
            )
        return self.score.astype(bool, copy=False)


def apply_policy(
    policy: ExitPolicy, outputs: ExitLogits, validation: ExitLogits
) -> ExitPredictions:
    """Apply a policy to the outputs of one network.

    Parameters
    ----------
    validation
        Outputs of the same network's validation part; temperatures are fitted on it.

    Raises
    ------
    InputError
        The policy needs what this network does not give, or is for another task.
    """
    if outputs.task not in policy.tasks:
        raise InputError(
            f"policy {POLICIES.name_of(policy)} is for {' and '.join(policy.tasks)}, "
            f"found the outputs of a {outputs.task}"
        )
    if policy.calibrated:
        scale = temperatures(validation)
        outputs, validation = divide(outputs, scale), divide(validation, scale)
    answers = policy.predict(outputs)
    return ExitPredictions(
        policy.confidence(outputs, validation), answers, scores(answers, outputs)
    )


def scores(predicted: Ints | Floats, outputs: ExitLogits) -> Floats | Bools:
    """Scores [E, N] of predictions [E, N] or [E, N, D] against the labels.

    Examples
    --------
    Two samples whose standardised target is 1, one met and one taken for the mean.

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
