"""Learning curve of a training: losses, accuracies and loss weights per epoch."""

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from harness.core.errors import TrialError

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Epoch:
    """Quantities recorded in one epoch.

    Attributes
    ----------
    phase
        Number of the phase in the regime's plan, from 1.
    train_loss
        Mean of the regime's loss over the epoch's batches.
    validation_loss
        Mean negative log-likelihood on validation over the exits that the phase trains.
    learning_rate
        At the end of the epoch.
    validation_accuracy
        Per exit [E]: accuracy, or R^2 for regression.
    mean_weight
        Mean loss weight per exit [E] over the epoch: the activity of the gates. Zero for the
        exits that the phase does not train.
    """

    phase: int
    train_loss: float
    validation_loss: float
    learning_rate: float
    validation_accuracy: tuple[float, ...]
    mean_weight: tuple[float, ...]

    def check_finite(self, number: int) -> None:
        """Refuse to go on after an epoch whose losses are not finite; raises TrialError.

        The last steps of an epoch may ruin a network whose training loss was still finite.

        Parameters
        ----------
        number
            Of the epoch in its phase.
        """
        losses = {"loss": self.train_loss, "validation loss": self.validation_loss}
        for name, loss in losses.items():
            if not math.isfinite(loss):
                raise TrialError(
                    f"the {name} is not finite ({loss}) in epoch {number} "
                    f"of phase {self.phase}; try a lower learning_rate"
                )


@dataclass(frozen=True)
class Curve:
    """Learning curve: all epochs of a training, in order."""

    epochs: tuple[Epoch, ...]

    def frame(self) -> "pd.DataFrame":
        """One row per epoch, one float64 column per quantity and exit."""
        import pandas as pd  # training alone needs none

        return pd.DataFrame([_row(epoch) for epoch in self.epochs], dtype="float64")


class TrainingError(TrialError):
    """A training that failed, with the learning curve so far.

    Attributes
    ----------
    curve
        The epochs up to the failure, that of the failure included where it was measured.
    """

    def __init__(self, message: str, curve: Curve) -> None:
        super().__init__(message)
        self.curve = curve


def _row(epoch: Epoch) -> dict[str, float]:
    per_exit = {
        f"{name}_exit_{exit_number}": value
        for name in ("validation_accuracy", "mean_weight")
        for exit_number, value in enumerate(getattr(epoch, name), 1)
    }
    return {
        "phase": epoch.phase,
        "train_loss": epoch.train_loss,
        "validation_loss": epoch.validation_loss,
        "learning_rate": epoch.learning_rate,
        **per_exit,
    }
