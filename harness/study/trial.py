"""One trial in a worker: load, build, train, write. It knows neither Optuna nor MLflow."""

import functools
import time
from importlib.metadata import version
from pathlib import Path

from harness.core.errors import InputError, TrialError
from harness.core.parameters import build
from harness.core.places import Places
from harness.core.trial_spec import TrialSpec
from harness.core.types import Split
from harness.data.load import load
from harness.models import BACKBONES
from harness.models.cost import exit_costs
from harness.models.early_exit import build_network
from harness.regimes import REGIMES
from harness.results.trials import TrialResult, write
from harness.study.pool import Done
from harness.training.evaluate import exit_logits
from harness.training.model import ExitModel
from harness.training.options import TrainingOptions
from harness.training.seeding import seed_everything
from harness.training.train import train

LIBRARIES = ("torch", "numpy", "harness")


def run(spec: TrialSpec, places: Places, study_folder: Path) -> Done:
    """Train one network and write its result folder.

    Never raises for what is the trial's own fault: the returned reason says what went wrong.
    """
    try:
        _train_and_write(spec, places, study_folder)
    except TrialError as error:
        return Done(spec.key, str(error))
    except Exception as error:
        return Done(spec.key, f"{type(error).__name__}: {error}")
    return Done(spec.key)


def _train_and_write(spec: TrialSpec, places: Places, study_folder: Path) -> None:
    started = time.monotonic()
    split = _load(places, spec.split)
    if split.digest != spec.digest:
        raise InputError(f"split {spec.split}: prepared data {split.digest}, asked {spec.digest}")
    backbone = build(BACKBONES.get(spec.backbone.name), spec.backbone.parameters, "backbone")
    regime = build(REGIMES.get(spec.regime.name), spec.regime.parameters, "regime")
    options = build(TrainingOptions, spec.training, "training")
    shape, width = split.input_shape, split.width
    seed_everything(spec.seed)
    network = build_network(backbone, shape, width, spec.static_exit, split.graph)
    model = ExitModel(network, regime, width)
    curve = train(model, split.train, split.validation, options, spec.seed)
    result = TrialResult(
        spec=spec,
        validation=exit_logits(model, split.validation),
        costs=model.with_gates(exit_costs(backbone, shape, width, spec.static_exit)),
        curve=curve.frame(),
        seconds=time.monotonic() - started,
        versions={library: version(library) for library in LIBRARIES},
    )
    write(study_folder, result, model.weights(), test=exit_logits(model, split.test))


@functools.lru_cache(maxsize=1)
def _load(places: Places, name: str) -> Split:
    return load(places, name)
