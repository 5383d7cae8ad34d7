"""The plan of a study: its configurations in order, and how many trials they are."""

from harness.core.study_spec import StudySpec
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


def planned_trials(study: StudySpec) -> int:
    """Number of trials (networks) in the whole plan."""
    sizes = dict(zip(study.regimes, _sizes(study), strict=True))
    return sum(sizes[turn.regime] for turn in plan(study))


def _sizes(study: StudySpec) -> list[int]:
    return [trials_per_configuration(study, regime) for regime in study.regimes]
