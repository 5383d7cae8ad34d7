"""The plan of a study: its configurations in order, and how many trials they are."""

from collections import Counter
from dataclasses import dataclass

from harness.core.study_spec import Between, OneOf, Setting, StudySpec
from harness.study.schedule import Turn, turns
from harness.study.space import trials_per_configuration

SMOKE_SAMPLES = 256


def plan(study: StudySpec) -> tuple[Turn, ...]:
    """All configurations of a study, in order."""
    return turns(tuple(study.regimes), _sizes(study), study.run_cap)


def smoke(study: StudySpec) -> StudySpec:
    """The study made tiny: two configurations per regime, one seed, few epochs and samples."""
    small = {
        "name": f"{study.name}-smoke",
        "training": {**study.training, "epochs": 3, "limit": SMOKE_SAMPLES},
        "seeds": study.seeds[:1],
        "time_cap_minutes": None,
    }
    tiny = study.model_copy(update=small)
    return tiny.model_copy(update={"run_cap": 2 * sum(_sizes(tiny))})


@dataclass(frozen=True)
class RegimePlan:
    """What a study plans for one regime.

    Attributes
    ----------
    parameters
        Its parameters, fixed or searched, in words.
    """

    regime: str
    configurations: int
    trials: int
    parameters: str


def regime_plans(study: StudySpec) -> tuple[RegimePlan, ...]:
    """The plan by regime, in the order of the study file."""
    counts = Counter(turn.regime for turn in plan(study))
    return tuple(
        RegimePlan(
            regime=regime,
            configurations=counts[regime],
            trials=counts[regime] * trials_per_configuration(study, regime),
            parameters=", ".join(f"{k}={_in_words(v)}" for k, v in searched.items()) or "defaults",
        )
        for regime, searched in study.regimes.items()
    )


def _in_words(setting: Setting) -> str:
    if isinstance(setting, OneOf):
        return f"one of {list(setting.values)}"
    if isinstance(setting, Between):
        return f"{setting.min}..{setting.max}"
    return str(setting)


def planned_trials(study: StudySpec) -> int:
    """Number of trials (networks) in the whole plan."""
    return sum(each.trials for each in regime_plans(study))


def _sizes(study: StudySpec) -> list[int]:
    return [trials_per_configuration(study, regime) for regime in study.regimes]
