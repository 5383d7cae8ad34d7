"""One task in a worker process: a trial, or the trials of a stack, trained as one model."""

import time
from collections.abc import Sequence
from pathlib import Path

import torch

from harness.core.errors import TrialError
from harness.core.parameters import build
from harness.core.plugin_files import PluginFolder, use_plugins
from harness.core.project import Project
from harness.core.trial_spec import TrialSpec
from harness.study.companies import members
from harness.study.executors import Outcomes, TrialOutcome, TrialTask, errors
from harness.study.slots import CPU, Slot
from harness.study.trial_summary import SummaryRecipe
from harness.study.worker import (
    TRIES_OUT_OF_MEMORY,
    Trained,
    check_spec,
    costs_of,
    keep_failure,
    load_parts,
    run_trial,
    write_trained,
)
from harness.training.curve import Curve, TrainingError
from harness.training.devices import free_cached, is_out_of_memory
from harness.training.model import ExitModel, model_of
from harness.training.options import TrainingOptions
from harness.training.seeding import seed_everything
from harness.training.train_stack import train_stack


def run_task(
    task: TrialTask,
    project: Project,
    study_folder: Path,
    slot: Slot = CPU,
    plugins: Sequence[PluginFolder] = (),
    recipe: SummaryRecipe | None = None,
) -> Outcomes:
    """Train the networks of a task and write their folders; how each ended.

    A stack is trained whole, with all of its company, though only some of its trials may be wanted:
    what comes out does not depend on which of them a launch lacks.

    Parameters
    ----------
    plugins
        The user's plug-ins that the launcher knows.
    recipe
        How the study summarises its trials; None for no summary.

    Raises
    ------
    Exception
        Whatever is no fault of the trials: nothing more is written.
    """
    if not task[0].company:
        return tuple(run_trial(spec, project, study_folder, slot, plugins, recipe) for spec in task)
    use_plugins(plugins)
    torch.set_num_threads(slot.threads)  # the other cores are other workers'
    started = time.monotonic()
    try:
        return _run_stack(task, project, study_folder, slot, recipe)
    except TrialError as error:  # before a member could be told from the others
        seconds = (time.monotonic() - started) / len(task[0].company)
        return tuple(_failed(spec, error, study_folder, slot, seconds) for spec in task)
    except RuntimeError as error:
        if not is_out_of_memory(error, slot.device):
            raise
        return errors(task, _too_large(task[0], slot), TRIES_OUT_OF_MEMORY)
    finally:
        free_cached(slot.device)


def _run_stack(
    task: TrialTask,
    project: Project,
    study_folder: Path,
    slot: Slot,
    recipe: SummaryRecipe | None,
) -> Outcomes:
    started = time.monotonic()
    first, company = task[0], members(task[0])
    check_spec(first, slot)
    split, parts = load_parts(project, first.split, first.digest, slot.device)
    options = build(TrainingOptions, first.training, "training")
    models = []
    for member in company:
        # Weights are drawn as those of a network that trains alone.
        seed_everything(member.seed, tf32=options.precision == "tf32")
        models.append(model_of(member, split.shape, split.graph))
    every = (parts["train"], parts["validation"])
    ended = train_stack(models, *every, [options] * len(models), first.company)
    costs = costs_of(first, split.shape.inputs, models[0].width)
    seconds = (time.monotonic() - started) / len(company)  # its share of the stack's
    found: dict[str, tuple[ExitModel, Curve | TrainingError]] = {
        spec.key: (model, curve) for spec, model, curve in zip(company, models, ended, strict=True)
    }
    outcomes = []
    for spec in task:
        model, curve = found[spec.key]
        if isinstance(curve, TrainingError):
            outcomes.append(_failed(spec, curve, study_folder, slot, seconds))
            continue
        trained = Trained(spec, model.to(slot.device), curve, model.with_gates(costs), seconds)
        outcomes.append(write_trained(study_folder, trained, parts, slot, recipe))
    return tuple(outcomes)


def _failed(
    spec: TrialSpec, error: TrialError, study_folder: Path, slot: Slot, seconds: float
) -> TrialOutcome:
    keep_failure(spec, error, study_folder, slot, seconds)
    return TrialOutcome(spec.key, "diverged", str(error))


def _too_large(spec: TrialSpec, slot: Slot) -> str:
    return (
        f"out of memory on {slot.device}, where {len(spec.company)} networks train as one stack; a "
        "smaller `stack` (another study then, under a name of its own), a smaller batch_size or "
        "fewer workers on the device (--per-device 1) would help"
    )
