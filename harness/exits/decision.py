"""What an exit policy decides about some samples."""

from dataclasses import dataclass

from harness.core.types import Bools, ExitLogits, Floats, Ints
from harness.exits import Confidence
from harness.exits.calibration import divide, temperatures


@dataclass(frozen=True)
class Decision:
    """What every exit would answer for every sample, and how sure it is.

    Attributes
    ----------
    confidence
        float64 [E, N] in [0, 1].
    answers
        int64 [E, N].
    correct
        bool [E, N]: whether the answer is the label.
    """

    confidence: Floats
    answers: Ints
    correct: Bools


def decide(policy: Confidence, outputs: ExitLogits, validation: ExitLogits) -> Decision:
    """Apply a policy to the outputs of one network.

    Parameters
    ----------
    validation
        Outputs of the same network's validation part; temperatures are fitted on it.

    Raises
    ------
    InputError
        The policy needs what this network does not give.
    """
    if policy.calibrated:
        scale = temperatures(validation)
        outputs, validation = divide(outputs, scale), divide(validation, scale)
    answers = policy.answers(outputs)
    return Decision(policy.confidence(outputs, validation), answers, answers == outputs.labels)
