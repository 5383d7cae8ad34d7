"""Records of studies that never ran, and choices of plug-ins as a study makes them."""

from harness.core.manifest import Manifest
from harness.core.study_spec import StudySpec
from harness.core.trial_spec import Choice
from harness.results.study_record import Reference, StudyRecord

SPEC = {
    "name": "made-up",
    "description": "A <b>study</b>",
    "expected_duration": "no time",
    "split": "s",
    "backbone": {"name": "image_cnn"},
    "regimes": {"joint": {}, "hard_cgt": {}, "single_exit": {}},
    "metrics": [{"name": "hypervolume", "goal": "maximize"}],
    "seeds": [0, 1],
    "run_cap": 7,
}


def choice(registry, name: str, **parameters: object) -> Choice:
    """A plug-in with its parameters, as a trial of today's code has it."""
    return Choice.of(registry, registry.get(name)(**parameters))


def record_of(manifest: Manifest, **spec: object) -> StudyRecord:
    """A finished study of these data without configurations; `spec` changes its file."""
    return StudyRecord(
        spec=StudySpec.model_validate({**SPEC, **spec}),
        manifest=manifest,
        reference=Reference(macs=90.0, score=1 / 3),
        planned=7,
        state="done",
        versions={"harness": ("0",)},
        sources={},
    )


def changed(record: StudyRecord, spec=None, manifest=None, **fields: object) -> StudyRecord:
    """The record with some fields changed, of its spec and its manifest too."""
    plain = record.spec.model_dump(exclude={"baseline"} if spec and "regimes" in spec else None)
    return record.model_copy(
        update={
            "spec": StudySpec.model_validate({**plain, **(spec or {})}),
            "manifest": record.manifest.model_copy(update=manifest or {}),
            **fields,
        }
    )
