"""One trial in a worker process: load, build, train, write; without Optuna and MLflow."""

import functools
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import pandas as pd
import torch

from harness.core.errors import InputError, TrialError
from harness.core.files import content_key
from harness.core.parameters import build
from harness.core.plugin_files import PluginFolder, use_plugins
from harness.core.project import Project
from harness.core.records import adapter_of
from harness.core.result_format import RESULT_FORMAT
from harness.core.trial_spec import Choice, TrialSpec
from harness.core.types import ExitCosts, Split
from harness.data.load import load
from harness.models.cost import exit_costs
from harness.results.failures import Failure, FailureFacts, write_failure
from harness.results.trials import TrialResult, write_trial
from harness.study.executors import TrialOutcome
from harness.study.slots import CPU, Slot
from harness.study.trial_summary import SummaryRecipe, summarise
from harness.training.curve import Curve, TrainingError
from harness.training.device_data import DevicePart
from harness.training.devices import device_name, free_cached, is_out_of_memory
from harness.training.evaluate import exit_logits
from harness.training.model import ExitModel, backbone_of, model_of
from harness.training.options import TrainingOptions
from harness.training.seeding import seed_everything
from harness.training.train import train

_LIBRARIES = ("torch", "numpy", "harness")
_COSTS: dict[str, ExitCosts] = {}
TRIES_OUT_OF_MEMORY = 2
"""Once beside others, once alone on the device."""


def run_trial(
    spec: TrialSpec,
    project: Project,
    study_folder: Path,
    slot: Slot = CPU,
    plugins: Sequence[PluginFolder] = (),
    recipe: SummaryRecipe | None = None,
) -> TrialOutcome:
    """Train one network and write its result folder, or why it diverged.

    Parameters
    ----------
    recipe
        How the study summarises it; None for no summary.
    plugins
        The user's plug-ins that the launcher knows.

    Raises
    ------
    Exception
        Whatever is no fault of the trial: nothing is written.
    """
    use_plugins(plugins)
    torch.set_num_threads(slot.threads)  # the other cores are other workers'
    started = time.monotonic()
    try:
        return _train_and_write(spec, project, study_folder, slot, recipe)
    except TrialError as error:
        keep_failure(spec, error, study_folder, slot, time.monotonic() - started)
        return TrialOutcome(spec.key, "diverged", str(error))
    except RuntimeError as error:
        if not is_out_of_memory(error, slot.device):
            raise
        return _out_of_memory(spec, slot)
    finally:
        free_cached(slot.device)


def _train_and_write(
    spec: TrialSpec,
    project: Project,
    study_folder: Path,
    slot: Slot,
    recipe: SummaryRecipe | None,
) -> TrialOutcome:
    started = time.monotonic()
    check_spec(spec, slot)
    split, parts = load_parts(project, spec.split, spec.digest, slot.device)
    options = build(TrainingOptions, spec.training, "training")
    seed_everything(spec.seed, tf32=options.precision == "tf32")
    # Weights are drawn on the CPU, the same for every device.
    model = model_of(spec, split.shape, split.graph).to(slot.device)
    curve = train(model, parts["train"], parts["validation"], options, spec.seed)
    costs = costs_of(spec, split.shape.inputs, model.width)
    trained = Trained(spec, model, curve, model.with_gates(costs), time.monotonic() - started)
    return write_trained(study_folder, trained, parts, slot, recipe)


def costs_of(spec: TrialSpec, shape: tuple[int, ...], width: int) -> ExitCosts:
    """The costs of a trial's network, measured once for all trials of its structure."""
    structure = adapter_of(Choice).dump_python(spec.backbone, mode="json")
    key = content_key([structure, [*shape], width, spec.static_exit])
    if key not in _COSTS:
        _COSTS[key] = exit_costs(backbone_of(spec), shape, width, spec.static_exit)
    return _COSTS[key]


@dataclass(frozen=True)
class Trained:
    """A trial whose network is trained, on the slot's device.

    Attributes
    ----------
    seconds
        Wall time of its training.
    """

    spec: TrialSpec
    model: ExitModel
    curve: Curve
    costs: ExitCosts
    seconds: float


def write_trained(
    study_folder: Path,
    trained: Trained,
    parts: Mapping[str, DevicePart],
    slot: Slot,
    recipe: SummaryRecipe | None,
) -> TrialOutcome:
    """Evaluate a trained network on all other parts, write the trial's folder and summarise it."""
    model = trained.model
    result = TrialResult(
        spec=trained.spec,
        validation=exit_logits(model, parts["validation"]),
        costs=trained.costs,
        curve=trained.curve.frame(),
        seconds=trained.seconds,
        versions=_versions(slot),
        calibration=exit_logits(model, parts["calibration"]) if "calibration" in parts else None,
    )
    write_trial(study_folder, result, model.weights(), test=exit_logits(model, parts["test"]))
    # Thresholds that are searched are the configuration's: several may share a network.
    if recipe is None or recipe.sampled:
        return TrialOutcome(trained.spec.key)
    return TrialOutcome(trained.spec.key, summary=summarise(result, recipe))


def check_spec(spec: TrialSpec, slot: Slot) -> None:
    """Refuse what this worker cannot train as asked; raises InputError."""
    if spec.format != RESULT_FORMAT:
        raise InputError(
            f"format: asked {spec.format}, this worker's version trains {RESULT_FORMAT}"
        )
    if spec.device != slot.kind:
        raise InputError(f"device: asked {spec.device}, this worker trains on {slot.device}")


def keep_failure(
    spec: TrialSpec, error: TrialError, study_folder: Path, slot: Slot, seconds: float
) -> None:
    """Write the folder of a trial that failed by itself."""
    curve = error.curve.frame() if isinstance(error, TrainingError) else pd.DataFrame()
    facts = FailureFacts(spec=spec, reason=str(error), seconds=seconds, versions=_versions(slot))
    write_failure(study_folder, Failure(facts, curve))


def _out_of_memory(spec: TrialSpec, slot: Slot) -> TrialOutcome:
    reason = (
        f"out of memory on {slot.device}; fewer workers on it (--per-device 1), a smaller "
        "batch_size or a smaller backbone would help"
    )
    return TrialOutcome(spec.key, "error", reason, tries=TRIES_OUT_OF_MEMORY)


def _versions(slot: Slot) -> dict[str, str]:
    found = {library: version(library) for library in _LIBRARIES}
    return {**found, "device": device_name(slot.device)}


@functools.lru_cache(maxsize=1)
def load_parts(
    project: Project, name: str, digest: str, device: str
) -> tuple[Split, Mapping[str, DevicePart]]:
    """The split of this digest, and its parts on a device: copied once for all trials of it.

    A failure is not kept, so that a split prepared anew is read.
    """
    split = load(project, name)
    if split.digest != digest:
        raise InputError(f"split {name}: prepared data {split.digest}, asked {digest}")
    moments = split.standardisation
    return split, {n: DevicePart.of(part, moments, device) for n, part in split.parts.items()}
