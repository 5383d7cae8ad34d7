"""Export of an operating point as a folder: a program per stage, a manifest and the runtime.

A folder holds `stage_1.pt2` .., `manifest.json`, `runtime.py` and `example.npy`, a few inputs. It
runs where NumPy and PyTorch are; harness is not needed.
"""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path

import numpy as np

from harness.core.errors import InputError
from harness.core.project import Project
from harness.core.records import write_record
from harness.core.study_spec import PolicyChoice
from harness.core.types import ExitLogits, Floats, Split
from harness.data.load import load
from harness.export import runtime
from harness.export.manifest import ExportedData, ExportedPolicy, ExportManifest
from harness.export.programs import write_programs
from harness.frontier.operating_point import OperatingPoint
from harness.policies import ExitPolicy, policy_of
from harness.policies.calibration import scale_outputs, temperatures
from harness.policies.predictions import apply_policy
from harness.policies.routing import route
from harness.results import trials
from harness.results.cleaning import check_weights_kept
from harness.results.study_record import StudyRecord
from harness.results.trained_here import check_trained_here
from harness.results.trials import StoredCosts, TrialResult
from harness.training.device_data import DevicePart
from harness.training.evaluate import exit_logits
from harness.training.model import ExitModel, trained_model

MANIFEST, RUNTIME, EXAMPLE = "manifest.json", "runtime.py", "example.npy"
_EXAMPLES = 5
_LIBRARIES = ("harness", "torch", "numpy")

TOLERANCE = 1e-3
"""Largest difference of logits and confidences that counts as rounding."""
ASTRAY = 1e-3
"""Share of samples that rounding may route otherwise: those next to a threshold."""


def write_export(
    project: Project, study_folder: Path, record: StudyRecord, point: OperatingPoint, target: Path
) -> None:
    """Write the folder `target`; it appears whole, and replaces none but an older export.

    Raises
    ------
    InputError
        The study is a regression, the runtime lacks the policy, the trial is damaged, the data
        differ from those it was trained on, the export does not predict as harness does, `target`
        exists and is no export, or the study was imported.
    """
    check_trained_here(record, "an export")
    if target.exists() and not all((target / name).is_file() for name in (MANIFEST, RUNTIME)):
        raise InputError(f"--output {target}: exists and is no export; name another folder")
    if record.manifest.task != "classification":
        raise InputError(
            f"{study_folder}: the runtime predicts classes, found a {record.manifest.task}"
        )
    policy = _policy(record.spec.policy)
    result = trials.read_trial(study_folder, point.key)
    split = load(project, result.spec.split)
    if split.digest != result.spec.digest:
        raise InputError(
            f"split {result.spec.split}: prepared data {split.digest}, "
            f"trained on {result.spec.digest}"
        )
    if len(point.thresholds) != len(result.costs.macs) - 1:
        raise InputError(f"trial {point.key}: {len(point.thresholds)} thresholds on the frontier")
    check_weights_kept(study_folder, point.key)
    model = trained_model(study_folder, result.spec, split.shape)
    _check_weights(model, split, result)
    with _whole(target) as folder:
        names = write_programs(model, split.shape.inputs, folder)
        write_record(folder / MANIFEST, _manifest(record, point, result, split, names))
        shutil.copyfile(runtime.__file__, folder / RUNTIME)
        np.save(folder / EXAMPLE, split.standardised(split.validation.inputs[:_EXAMPLES]))
        _check_predictions(folder, split, policy, result, np.array(point.thresholds))


def _policy(choice: PolicyChoice) -> ExitPolicy:
    """The study's policy, where the runtime has it too."""
    if choice.name not in runtime.RULES:
        known = ", ".join(sorted(runtime.RULES))
        raise InputError(f"policy {choice.name}: runs in harness alone; can be exported: {known}")
    return policy_of(choice)


def _manifest(
    record: StudyRecord,
    point: OperatingPoint,
    result: TrialResult,
    split: Split,
    stages: tuple[str, ...],
) -> ExportManifest:
    shape = split.shape.inputs
    inputs = f"float32 [N, {', '.join(map(str, shape))}]"
    return ExportManifest(
        study=record.name,
        key=point.key,
        configuration=point.configuration,
        trial=result.spec,
        data=ExportedData(
            split=result.spec.split,
            digest=split.digest,
            provenance=record.manifest.provenance,
            classes=split.classes,
            input_shape=shape,
            inputs=f"{inputs}, standardised as harness does it for this split, by the statistics "
            "of its training part",
        ),
        policy=_fitted(record.spec.policy, result.fitting),
        thresholds=tuple(t if np.isfinite(t) else None for t in point.thresholds),
        measured=dict(point.measured),
        costs=StoredCosts.of(result.costs),
        versions={
            "trained": result.versions,
            "exported": {library: version(library) for library in _LIBRARIES},
        },
        stages=stages,
    )


def _fitted(choice: PolicyChoice, fit_on: ExitLogits) -> ExportedPolicy:
    """The study's policy with all that it is fitted by."""
    policy = policy_of(choice)
    scale = temperatures(fit_on) if policy.calibrated else None
    scaled = fit_on if scale is None else scale_outputs(fit_on, scale)
    tables = policy.fitted(scaled).items()
    return ExportedPolicy(
        name=choice.name,
        parameters=choice.parameters,
        temperatures=None if scale is None else tuple(scale),
        fitted={name: tuple(map(tuple, table.tolist())) for name, table in tables},
    )


def _check_weights(model: ExitModel, split: Split, result: TrialResult) -> None:
    """Raise InputError unless the rebuilt network gives the trial's stored outputs."""
    part = DevicePart.of(split.validation, split.standardisation)
    found, stored = exit_logits(model, part), result.validation
    same = np.allclose(found.values, stored.values, rtol=TOLERANCE, atol=TOLERANCE)
    if stored.gates is not None and found.gates is not None:
        same &= np.allclose(found.gates, stored.gates, rtol=TOLERANCE, atol=TOLERANCE)
    if not same:
        raise InputError(
            f"trial {result.spec.key}: weights.npz does not give the outputs in validation.npz"
        )


def _check_predictions(
    folder: Path, split: Split, policy: ExitPolicy, result: TrialResult, thresholds: Floats
) -> None:
    """Raise InputError unless the export predicts on validation as harness does."""
    predictions = apply_policy(policy, result.validation, result.fitting)
    exits = route(predictions.confidence, thresholds)
    taken = (exits, np.arange(len(exits)))
    found = runtime.EarlyExitRuntime(folder).predict(split.standardised(split.validation.inputs))
    astray = (found.labels != predictions.predicted[taken]) | (found.exits != exits + 1)
    astray |= ~(np.abs(found.confidence - predictions.confidence[taken]) <= TOLERANCE)
    if astray.sum() > max(1, ASTRAY * len(astray)):
        raise InputError(
            f"trial {result.spec.key}: run stage by stage, the network predicts otherwise than "
            f"in harness on {astray.sum()} of {len(astray)} validation samples"
        )


@contextmanager
def _whole(target: Path) -> Iterator[Path]:
    """Yield a new folder that takes the place of `target` when the block succeeds."""
    target.parent.mkdir(parents=True, exist_ok=True)
    scratch = Path(tempfile.mkdtemp(dir=target.parent, prefix=f".{target.name}."))
    fresh, old = scratch / "new", scratch / "old"
    fresh.mkdir()
    try:
        yield fresh
        if target.exists():
            target.rename(old)
        fresh.rename(target)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
