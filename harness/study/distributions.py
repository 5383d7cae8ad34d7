"""The distributions that recorded parameters were drawn from, as the study file says them.

Of whole numbers the recorded value is one: no plug-in needs to be loaded, so that readers of
results can ask.
"""

import re
from collections.abc import Mapping

from optuna.distributions import (
    BaseDistribution,
    CategoricalDistribution,
    FloatDistribution,
    IntDistribution,
)

from harness.core.settings import Scalar, Setting
from harness.core.study_spec import StudySpec
from harness.study.dimensions import Fixed, Listed, Ranged, dimension

_EXIT = re.compile(r"_\d+$")
"""What the name of a parameter per exit ends with."""


def distributions(
    study: StudySpec, regime: str, parameters: Mapping[str, Scalar]
) -> dict[str, BaseDistribution]:
    """The distribution of each of a configuration's parameters that the study searches."""
    found = {name: _of(study, regime, name, value) for name, value in parameters.items()}
    return {name: each for name, each in found.items() if each is not None}


def _of(study: StudySpec, regime: str, name: str, value: Scalar) -> BaseDistribution | None:
    if name.startswith("threshold_"):
        return FloatDistribution(study.thresholds.min, study.thresholds.max)
    section, _, own = name.partition(".")
    settings: Mapping[str, Mapping[str, Setting]] = {
        "backbone": study.backbone.parameters,
        "training": study.training,
        "regime": study.regimes.get(regime, {}),
    }
    of_section = settings.get(section, {})
    setting = of_section.get(own, of_section.get(_EXIT.sub("", own)))
    whole = isinstance(value, int) and not isinstance(value, bool)
    match dimension(setting, whole, name) if setting is not None else None:
        case Listed() as listed:
            return CategoricalDistribution(listed.labels)
        case Ranged() as ranged if whole:
            step = int(ranged.step or 1)
            return IntDistribution(int(ranged.low), int(ranged.high), ranged.log, step)
        case Ranged() as ranged:
            return FloatDistribution(ranged.low, ranged.high, ranged.log, ranged.step)
        case Fixed() | None:
            return None
