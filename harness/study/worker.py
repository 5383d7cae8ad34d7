"""One trial in a worker process: load, build, train, write; without Optuna and MLflow."""

import functools
import time
from importlib.metadata import version
from pathlib import Path

from harness.core.errors import InputError, TrialError
from harness.core.parameters import build
from harness.core.project import Project
from harness.core.result_format import RESULT_FORMAT
from harness.core.trial_spec import TrialSpec
from harness.core.types import Split
from harness.data.load import load
from harness.models.cost import exit_costs
from harness.results.trials import TrialResult, write_trial
from harness.study.pool import TrialOutcome
from harness.training.evaluate import exit_logits
from harness.training.model import backbone_of, model_of
from harness.training.options import TrainingOptions
from harness.training.seeding import seed_everything
from harness.training.train import train

_LIBRARIES = ("torch", "numpy", "harness")


def run_trial(spec: TrialSpec, project: Project, study_folder: Path) -> TrialOutcome:
    """Train one network and write its result folder.

    Never raises for a failure of the trial: the outcome holds its reason.
    """
    try:
        _train_and_write(spec, project, study_folder)
    except TrialError as error:
        return TrialOutcome(spec.key, str(error))
    except Exception as error:
        return TrialOutcome(spec.key, f"{type(error).__name__}: {error}")
    return TrialOutcome(spec.key)


def _train_and_write(spec: TrialSpec, project: Project, study_folder: Path) -> None:
    started = time.monotonic()
    if spec.format != RESULT_FORMAT:
        raise InputError(
            f"format: asked {spec.format}, this worker's version trains {RESULT_FORMAT}"
        )
    split = _load(project, spec.split, spec.digest)
    options = build(TrainingOptions, spec.training, "training")
    seed_everything(spec.seed)
    model = model_of(spec, split.shape, split.graph)
    curve = train(model, split.train, split.validation, options, spec.seed)
    costs = exit_costs(backbone_of(spec), split.shape.inputs, model.width, spec.static_exit)
    result = TrialResult(
        spec=spec,
        validation=exit_logits(model, split.validation),
        costs=model.with_gates(costs),
        curve=curve.frame(),
        seconds=time.monotonic() - started,
        versions={library: version(library) for library in _LIBRARIES},
        calibration=None if split.calibration is None else exit_logits(model, split.calibration),
    )
    write_trial(study_folder, result, model.weights(), test=exit_logits(model, split.test))


@functools.lru_cache(maxsize=1)
def _load(project: Project, name: str, digest: str) -> Split:
    """The split of this digest; a failure is not kept, so that a split prepared anew is read."""
    split = load(project, name)
    if split.digest != digest:
        raise InputError(f"split {name}: prepared data {split.digest}, asked {digest}")
    return split
