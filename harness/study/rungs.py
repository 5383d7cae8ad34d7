"""The rungs of a study: what its configurations are trained on before they are in full."""

from collections.abc import Mapping, Sequence

import optuna

from harness.core.errors import InputError
from harness.core.settings import Scalar
from harness.core.study_spec import StudySpec
from harness.core.trial_spec import TrainedOn
from harness.results.study_record import Configuration
from harness.study.space import Suggestion, suggest


def rungs(study: StudySpec) -> tuple[StudySpec, ...]:
    """The study as its configurations are trained on each rung, the last of which is in full."""
    if study.promote is not None:
        first = study.seeds[: study.promote.after]
        return study.model_copy(update={"seeds": first}), study
    if study.fidelity is not None:
        return tuple(
            study.model_copy(update={"training": {**study.training, "epochs": epochs}})
            for epochs in study.fidelity.epochs
        )
    return (study,)


def kept_share(study: StudySpec) -> float:
    """Share of a regime's configurations that go on from a rung to the next; 1 without rungs."""
    by = study.promote or study.fidelity
    return by.keep if by else 1.0


def rung_of(study: StudySpec, configuration: Configuration) -> StudySpec:
    """The study as a recorded configuration was trained, at last.

    Raises
    ------
    InputError
        It was recorded on a rung that the study has not.
    """
    found, screened = rungs(study), configuration.screened
    if (screened is None) != (len(found) == 1) or (screened and screened.rung >= len(found)):
        raise InputError("it was trained on a rung that the study has not")
    return found[screened.rung] if screened else found[0]


def suggestions(
    study: StudySpec, on: TrainedOn, regime: str, parameters: Mapping[str, Scalar]
) -> Sequence[Suggestion]:
    """The trials of a configuration on each rung."""
    fixed = optuna.trial.FixedTrial(dict(parameters))
    return [suggest(fixed, each, regime, on) for each in rungs(study)]
