"""The plan of a study: its configurations in order, and how many trials they are."""

import math
from collections import Counter
from dataclasses import dataclass

from harness.core.errors import InputError
from harness.core.settings import Between, OneOf, Setting
from harness.core.study_spec import StudySpec
from harness.models.backbones import BACKBONES
from harness.study.schedule import Turn, turns
from harness.study.space import configurations, exit_counts, trials_per_configuration

SMOKE_SAMPLES = 256
_SMOKE_CONFIGURATIONS = 2
_LONGEST = 94
"""Characters of a name to which an ending is added: a name has at most 100."""


def plan(study: StudySpec) -> tuple[Turn, ...]:
    """All configurations of a study, in order: whole ones, of at most `run_cap` trials together.

    Regimes take turns. A regime takes no more turns than it has different configurations; the
    others then share what is left of `run_cap`.

    Raises
    ------
    InputError
        The first configuration alone has more trials than `run_cap`.
    """
    sizes, most = _sizes(study), _most(study)
    found = turns(tuple(study.regimes), sizes, study.run_cap, most, study.searches)
    if not found:
        raise InputError(
            f"run_cap: a configuration of {next(iter(study.regimes))} takes {sizes[0]} trials, "
            f"found {study.run_cap}"
        )
    return found


def smoke(study: StudySpec) -> StudySpec:
    """The study made tiny: two configurations per regime, one seed, few epochs and samples.

    The backbone has its plug-in's parameters `tiny`.
    """
    parameters = {**study.backbone.parameters, **BACKBONES.get(study.backbone.name).tiny}
    small = {
        "name": f"{study.name[:_LONGEST]}-smoke",
        "backbone": study.backbone.model_copy(update={"parameters": parameters}),
        "training": {**study.training, "epochs": 3, "limit": SMOKE_SAMPLES},
        "seeds": study.seeds[:1],
        "searches": 1,
        "time_cap_minutes": None,
    }
    tiny = study.model_copy(update=small)
    each = zip(_sizes(tiny), _most(tiny), strict=True)
    trials = sum(size * int(min(most, _SMOKE_CONFIGURATIONS)) for size, most in each)
    return tiny.model_copy(update={"run_cap": trials})


@dataclass(frozen=True)
class RegimePlan:
    """What a study plans for one regime.

    Attributes
    ----------
    trials
        Of all its configurations; where the number of exits is searched, with the most exits.
    possible
        Number of different configurations of all searches; None where a real number is searched.
    parameters
        Its parameters, fixed or searched, in words.
    """

    regime: str
    configurations: int
    trials: int
    possible: int | None
    parameters: str


def regime_plans(study: StudySpec) -> tuple[RegimePlan, ...]:
    """The plan by regime, in the order of the study file; raises InputError as `plan` does."""
    counts = Counter(turn.regime for turn in plan(study))
    each = zip(study.regimes.items(), _sizes(study), _most(study), strict=True)
    return tuple(
        RegimePlan(
            regime=regime,
            configurations=counts[regime],
            trials=counts[regime] * size,
            possible=None if most == math.inf else int(most) * study.searches,
            parameters=", ".join(f"{k}={_in_words(v)}" for k, v in searched.items()) or "defaults",
        )
        for (regime, searched), size, most in each
    )


def planned_trials(study: StudySpec) -> int:
    """Number of trials (networks) in the whole plan, at most `run_cap`."""
    return sum(each.trials for each in regime_plans(study))


def plan_notes(study: StudySpec) -> tuple[str, ...]:
    """What a user may not expect of the plan, in sentences."""
    rows = regime_plans(study)
    trials = sum(row.trials for row in rows)
    without = [row.regime for row in rows if not row.configurations]
    notes = []
    if all(row.configurations == row.possible for row in rows):
        if trials < study.run_cap:
            notes.append(
                f"run_cap {study.run_cap}: every configuration there is takes {trials} trials; the "
                "study ends with them"
            )
    elif trials < study.run_cap:
        notes.append(
            f"run_cap {study.run_cap}: only whole configurations are trained, {trials} trials"
        )
    if without:
        notes.append(
            f"run_cap {study.run_cap} leaves regimes without a configuration: {', '.join(without)}"
        )
    if len(set(exit_counts(study))) > 1:
        notes.append("the number of exits is searched: trials are counted with the most exits")
    return tuple(notes)


def _in_words(setting: Setting) -> str:
    if isinstance(setting, OneOf):
        return f"one of {list(setting.values)}"
    if isinstance(setting, Between):
        step = f" by {setting.spacing:g}" if setting.spacing else ""
        return f"{setting.min}..{setting.max}{step}"
    return str(setting)


def _sizes(study: StudySpec) -> list[int]:
    return [trials_per_configuration(study, regime) for regime in study.regimes]


def _most(study: StudySpec) -> list[float]:
    return [configurations(study, regime) for regime in study.regimes]
