"""Exit policies: from the outputs of all exits to confidences, and from thresholds to routes."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, ClassVar

import pydantic

from harness.core.errors import InputError
from harness.core.parameters import STRICT, build, described
from harness.core.plugins import Registry
from harness.core.study_spec import PolicyChoice
from harness.core.types import ExitLogits, Floats, Ints, TaskName


@dataclass(frozen=True)
class ExitPolicy(ABC):
    """An exit policy: a sample leaves at the first exit whose confidence reaches the threshold.

    Its methods are pure functions of cached outputs, so that every policy applies to every network
    already trained. Call them through `harness.policies.predictions.apply_policy`.
    """

    __pydantic_config__: ClassVar[pydantic.ConfigDict] = STRICT
    tasks: ClassVar[tuple[TaskName, ...]] = ("classification",)
    """Tasks whose outputs it applies to; others are refused."""
    needs_gates: ClassVar[bool] = False
    """Whether it applies only to networks with gate heads."""
    uncalibrated_because: ClassVar[str] = ""
    """Why temperature scaling has no effect on it; then `calibrated` is refused."""

    calibrated: Annotated[
        bool,
        described("fit a temperature per exit, of logits or of variances, on held-out samples"),
    ] = False

    def __post_init__(self) -> None:
        """Refuse a calibration without effect; raises InputError that says why there is none."""
        if self.calibrated and self.uncalibrated_because:
            raise InputError(
                f"policy {POLICIES.name_of(self)}: calibrated: {self.uncalibrated_because}; "
                "leave it out"
            )

    @abstractmethod
    def confidence(self, outputs: ExitLogits, fit_on: ExitLogits) -> Floats:
        """Confidences float64 [E, N] in [0, 1].

        Those of exit e depend neither on deeper exits nor on the order of the samples.

        Parameters
        ----------
        outputs
            Of the samples to route; their labels must not be used.
        fit_on
            Outputs of held-out samples, the only data that a policy may be fitted on: of the
            calibration part where there is one, else of validation.

        Raises
        ------
        InputError
            The policy needs outputs that this network lacks (gate heads, say).
        """

    def fitted(self, fit_on: ExitLogits) -> Mapping[str, Floats]:
        """The tables that a policy computes confidences by, a row per exit: [E, any].

        An export keeps them in place of `fit_on`; without any for a policy that is not fitted.
        """
        del fit_on
        return {}

    def predict(self, outputs: ExitLogits) -> Ints | Floats:
        """Prediction of each exit: its most probable class, int64 [E, N], or its means.

        The means of a regression are float64 [E, N, D].
        """
        if outputs.task == "regression":
            return outputs.means
        predicted: Ints = outputs.values.argmax(-1)
        return predicted


POLICIES = Registry(
    "harness.policies", ExitPolicy, helpers=("calibration", "predictions", "routing")
)


def policy_of(choice: PolicyChoice) -> ExitPolicy:
    """The exit policy that a study names; raises InputError as `build` does."""
    return build(POLICIES.get(choice.name), choice.parameters, f"policy {choice.name}")
