"""Opening a study: its data, its reference point, and the check that it is still the same."""

import functools
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

import numpy as np

from harness.core.errors import InputError
from harness.core.places import Places
from harness.data.prepare import Manifest
from harness.models.cost import exit_costs
from harness.results import study_record
from harness.results.study_record import Reference, StudyRecord
from harness.study.schedule import Turn, turns
from harness.study.space import backbones, trials_per_configuration
from harness.study.spec import Choice, StudySpec, difference

LIBRARIES = ("harness", "torch", "optuna", "mlflow", "numpy", "scikit-learn", "moocore")
SMOKE_TRIALS = 2


def plan(study: StudySpec) -> tuple[Turn, ...]:
    """All configurations of a study, in order."""
    sizes = [trials_per_configuration(study, regime) for regime in study.regimes]
    return turns(tuple(study.regimes), sizes, study.run_cap)


def smoke(study: StudySpec) -> StudySpec:
    """The study made tiny: two configurations per regime, two epochs, one seed."""
    return study.model_copy(
        update={
            "name": f"{study.name}-smoke",
            "training": {**study.training, "epochs": 2},
            "seeds": study.seeds[:1],
            "run_cap": 1,
        }
    )
