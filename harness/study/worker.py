"""One trial in a worker process: load, build, train, write; without Optuna and MLflow."""

import functools
import time
from importlib.metadata import version
from pathlib import Path

import pandas as pd
import torch

from harness.core.errors import InputError, TrialError
from harness.core.parameters import build
from harness.core.project import Project
from harness.core.result_format import RESULT_FORMAT
from harness.core.trial_spec import TrialSpec
from harness.core.types import Split
from harness.data.load import load
from harness.models.cost import exit_costs
from harness.results.failures import Failure, FailureFacts, write_failure
from harness.results.trials import TrialResult, write_trial
from harness.study.pool import TrialOutcome
from harness.training.curve import TrainingError
from harness.training.device_data import DevicePart
from harness.training.evaluate import exit_logits
from harness.training.model import backbone_of, model_of
from harness.training.options import TrainingOptions
from harness.training.seeding import seed_everything
from harness.training.train import train

_LIBRARIES = ("torch", "numpy", "harness")


def run_trial(spec: TrialSpec, project: Project, study_folder: Path) -> TrialOutcome:
    """Train one network and write its result folder, or why it diverged.

    Raises
    ------
    Exception
        Whatever is no fault of the trial: nothing is written.
    """
    torch.set_num_threads(1)  # the other cores are other workers'
    started = time.monotonic()
    try:
        _train_and_write(spec, project, study_folder, started)
    except TrialError as error:
        _keep_failure(spec, error, study_folder, time.monotonic() - started)
        return TrialOutcome(spec.key, "diverged", str(error))
    return TrialOutcome(spec.key)


def _train_and_write(spec: TrialSpec, project: Project, study_folder: Path, started: float) -> None:
    if spec.format != RESULT_FORMAT:
        raise InputError(
            f"format: asked {spec.format}, this worker's version trains {RESULT_FORMAT}"
        )
    split = _load(project, spec.split, spec.digest)
    options = build(TrainingOptions, spec.training, "training")
    seed_everything(spec.seed)
    model = model_of(spec, split.shape, split.graph)
    parts = {name: DevicePart.of(part, split.standardisation) for name, part in split.parts.items()}
    curve = train(model, parts["train"], parts["validation"], options, spec.seed)
    costs = exit_costs(backbone_of(spec), split.shape.inputs, model.width, spec.static_exit)
    result = TrialResult(
        spec=spec,
        validation=exit_logits(model, parts["validation"]),
        costs=model.with_gates(costs),
        curve=curve.frame(),
        seconds=time.monotonic() - started,
        versions=_versions(),
        calibration=exit_logits(model, parts["calibration"]) if "calibration" in parts else None,
    )
    write_trial(study_folder, result, model.weights(), test=exit_logits(model, parts["test"]))


def _keep_failure(spec: TrialSpec, error: TrialError, study_folder: Path, seconds: float) -> None:
    curve = error.curve.frame() if isinstance(error, TrainingError) else pd.DataFrame()
    facts = FailureFacts(spec=spec, reason=str(error), seconds=seconds, versions=_versions())
    write_failure(study_folder, Failure(facts, curve))


def _versions() -> dict[str, str]:
    return {library: version(library) for library in _LIBRARIES}


@functools.lru_cache(maxsize=1)
def _load(project: Project, name: str, digest: str) -> Split:
    """The split of this digest; a failure is not kept, so that a split prepared anew is read."""
    split = load(project, name)
    if split.digest != digest:
        raise InputError(f"split {name}: prepared data {split.digest}, asked {digest}")
    return split
