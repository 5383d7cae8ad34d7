"""Export of an operating point as a folder: a program per stage, a manifest and the runtime.

A folder holds `stage_1.pt2` or `.onnx` .., the source of the exit policy, the statistics that
standardise raw inputs, `manifest.json`, `runtime.py` with three modules beside it, and
`example.npy`, a few raw inputs. It runs where NumPy and PyTorch or ONNX Runtime are; harness is not
needed.
"""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from importlib.metadata import version
from pathlib import Path

import numpy as np
import numpy.typing as npt

from harness.core.errors import InputError
from harness.core.project import Project
from harness.core.records import write_record
from harness.core.types import Split
from harness.data.load import load
from harness.data.prepare import read_manifest, read_raw, read_split_indices
from harness.export import runtime, runtime_inputs, runtime_policy, runtime_stages
from harness.export.manifest import ExportedData, ExportedPolicy, ExportManifest
from harness.export.policy_export import write_policy
from harness.export.policy_source import policy_source
from harness.export.preprocessing import Preprocessing, preprocessing_of
from harness.export.programs import FORMATS, Format, check_onnx, write_programs
from harness.export.runtime_stages import PACKAGES
from harness.frontier.operating_point import OperatingPoint
from harness.policies import POLICIES, policy_of
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


@dataclass(frozen=True)
class ExportChoices:
    """How an operating point is exported.

    Attributes
    ----------
    formats
        Of the programs; the runtime takes the first that runs where it is.
    selection
        The threshold selection, as users write it.
    guarantees
        Whether that selection saw the calibration part (`Selection.guarantees`).
    """

    formats: tuple[Format, ...] = FORMATS
    selection: str = "exact_table"
    guarantees: bool = False


def write_export(
    project: Project,
    study_folder: Path,
    record: StudyRecord,
    point: OperatingPoint,
    target: Path,
    choices: ExportChoices | None = None,
) -> ExportManifest:
    """Write the folder `target`; it appears whole, and replaces none but an older export.

    Parameters
    ----------
    choices
        Which programs, and how the thresholds were chosen; by default torch's, of the exact table.

    Raises
    ------
    InputError
        The study is a regression, the exit policy cannot be carried, the trial is damaged, the data
        differ from those it was trained on, the export does not predict as harness does, `target`
        exists and is no export, the study was imported, or what writes ONNX is not installed.
    """
    check_trained_here(record, "an export")
    if target.exists() and not all((target / name).is_file() for name in (MANIFEST, RUNTIME)):
        raise InputError(f"--output {target}: exists and is no export; name another folder")
    if record.manifest.task != "classification":
        raise InputError(
            f"{study_folder}: the runtime predicts classes, found a {record.manifest.task}"
        )
    choices = choices or ExportChoices()
    policy_source(POLICIES, record.spec.policy.name)
    if "onnx" in choices.formats:
        check_onnx()
    result = trials.read_trial(study_folder, point.key)
    if len(point.thresholds) != len(result.costs.macs) - 1:
        raise InputError(f"trial {point.key}: {len(point.thresholds)} thresholds on the frontier")
    if choices.guarantees:
        # The calibration part chose the thresholds; the policy was fitted on validation.
        result = replace(result, calibration=None)
    source = _source(project, result)
    check_weights_kept(study_folder, point.key)
    model = trained_model(study_folder, result.spec, source.split.shape)
    _check_weights(model, source.split, result)
    with _whole(target) as folder:
        stages = write_programs(model, source.split.shape.inputs, folder, choices.formats)
        choice = record.spec.policy
        policy = write_policy(folder, POLICIES, choice, result.validation, result.fitting)
        parts = _Parts(source, policy, stages, choices.selection)
        manifest = _manifest(record, point, result, parts)
        write_record(folder / MANIFEST, manifest)
        source.preprocessing.write(folder)
        for module in (runtime, runtime_inputs, runtime_policy, runtime_stages):
            shutil.copy(str(module.__file__), folder)
        np.save(folder / EXAMPLE, source.raw[:_EXAMPLES].astype(np.float32))
        for each in choices.formats:
            _check_predictions(folder, each, source.raw, record, result, point)
    return manifest


@dataclass(frozen=True)
class _Source:
    """The data of a network, and their validation inputs as an export takes them."""

    split: Split
    preprocessing: Preprocessing
    raw: npt.NDArray[np.generic]


@dataclass(frozen=True)
class _Parts:
    """What a manifest tells of an export beside its trial."""

    source: _Source
    policy: ExportedPolicy
    stages: dict[str, tuple[str, ...]]
    selection: str


def _source(project: Project, result: TrialResult) -> _Source:
    """The data of a trial; raises InputError where they are others than it was trained on."""
    name = result.spec.split
    split = load(project, name)
    if split.digest != result.spec.digest:
        raise InputError(
            f"split {name}: prepared data {split.digest}, trained on {result.spec.digest}"
        )
    indices = read_split_indices(project.prepared, name)
    _, data, _ = read_raw(name, read_manifest(project.prepared, name).spec, project.raw)
    preprocessing = preprocessing_of(data, indices, split)
    return _Source(split, preprocessing, preprocessing.validation(split, indices))


def _manifest(
    record: StudyRecord,
    point: OperatingPoint,
    result: TrialResult,
    parts: _Parts,
) -> ExportManifest:
    split, preprocessing = parts.source.split, parts.source.preprocessing
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
            input_shape=split.shape.inputs,
            raw=preprocessing.raw is not None,
            patch=preprocessing.patch,
            inputs=preprocessing.in_words(split.shape.inputs),
        ),
        policy=parts.policy,
        selection=parts.selection,
        thresholds=tuple(t if np.isfinite(t) else None for t in point.thresholds),
        measured=dict(point.measured),
        costs=StoredCosts.of(result.costs),
        versions={
            "trained": result.versions,
            "exported": {library: version(library) for library in _LIBRARIES},
        },
        stages=parts.stages,
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
            f"trial {result.spec.key}: weights.npz does not give the outputs in outputs.npz"
        )


def _check_predictions(
    folder: Path,
    backend: Format,
    raw: npt.NDArray[np.generic],
    record: StudyRecord,
    result: TrialResult,
    point: OperatingPoint,
) -> None:
    """Raise InputError unless the export predicts on validation as harness does."""
    predictions = apply_policy(policy_of(record.spec.policy), result.validation, result.fitting)
    exits = route(predictions.confidence, np.array(point.thresholds))
    taken = (exits, np.arange(len(exits)))
    found = runtime.EarlyExitRuntime(folder, backend).predict(raw)
    astray = (found.labels != predictions.predicted[taken]) | (found.exits != exits + 1)
    astray |= ~(np.abs(found.confidence - predictions.confidence[taken]) <= TOLERANCE)
    if astray.sum() > max(1, ASTRAY * len(astray)):
        raise InputError(
            f"trial {result.spec.key}: run stage by stage by {PACKAGES[backend]}, the network "
            f"predicts otherwise than in harness on {astray.sum()} of {len(astray)} validation "
            "samples"
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
