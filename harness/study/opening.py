"""Opening a study: its data, its reference point, and the check that it is still the same."""

from importlib.metadata import version

import numpy as np

from harness.core.errors import InputError
from harness.core.places import Places
from harness.data.prepare import Manifest
from harness.models.cost import exit_costs
from harness.results import study_record
from harness.results.study_record import Reference, StudyRecord
from harness.study.schedule import Turn, turns
from harness.study.space import backbones, trials_per_configuration
from harness.study.spec import StudySpec, difference

LIBRARIES = ("harness", "torch", "optuna", "mlflow", "numpy", "scikit-learn", "moocore")
SMOKE_SAMPLES = 256


def plan(study: StudySpec) -> tuple[Turn, ...]:
    """All configurations of a study, in order."""
    return turns(tuple(study.regimes), _sizes(study), study.run_cap)


def smoke(study: StudySpec) -> StudySpec:
    """The study made tiny: two configurations per regime, one seed, few epochs and samples."""
    small = {
        "name": f"{study.name}-smoke",
        "training": {**study.training, "epochs": 3, "limit": SMOKE_SAMPLES},
        "seeds": study.seeds[:1],
        "time_cap_minutes": None,
    }
    tiny = study.model_copy(update=small)
    return tiny.model_copy(update={"run_cap": 2 * sum(_sizes(tiny))})


def open_study(places: Places, study: StudySpec, manifest: Manifest) -> StudyRecord:
    """The study's record: a new one, or the stored one when it is of the same study.

    Raises
    ------
    InputError
        A study of this name is stored whose file or data differ: the message shows how.
    """
    sizes = dict(zip(study.regimes, _sizes(study), strict=True))
    record = StudyRecord(
        name=study.name,
        description=study.description,
        spec=study.identity(),
        split=study.split,
        digest=manifest.digest,
        data=manifest.model_dump(mode="json"),
        provenance=manifest.provenance(),
        reference=_reference(study, manifest),
        metrics=tuple(metric.name for metric in study.metrics),
        policy=study.policy.name,
        policy_parameters=study.policy.parameters,
        levels=study.thresholds.levels,
        planned=sum(sizes[turn.regime] for turn in plan(study)),
        state="running",
        versions={library: version(library) for library in LIBRARIES},
    )
    folder = places.results / study.name
    if (folder / study_record.RECORD).exists():
        _refuse_change(study_record.read(folder), record, str(folder))
    return record


def _refuse_change(stored: StudyRecord, record: StudyRecord, folder: str) -> None:
    changed = difference(stored.spec, record.spec)
    if stored.digest != record.digest:
        changed += f"\n-data digest {stored.digest}\n+data digest {record.digest}"
    if changed:
        raise InputError(
            f"{folder} holds another study of this name; give the changed one a new `name` "
            f"(--set name=...) or remove the folder. What changed:\n{changed.strip()}"
        )


def _sizes(study: StudySpec) -> list[int]:
    return [trials_per_configuration(study, regime) for regime in study.regimes]


def _reference(study: StudySpec, manifest: Manifest) -> Reference:
    """Cost of the study's largest static network, and how often the majority class is right."""
    shape, classes = manifest.input_shape, len(manifest.classes)
    counts = np.array(manifest.counts["validation"])
    majority = int(np.argmax(manifest.counts["train"]))
    return Reference(
        macs=max(exit_costs(recipe, shape, classes).full for recipe in backbones(study)),
        accuracy=float(counts[majority] / counts.sum()),
    )
