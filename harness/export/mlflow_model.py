"""An exported network as an MLflow model, and the description of the registered model."""

from pathlib import Path

import numpy as np

from harness.core.records import read_record
from harness.export.artifact import EXAMPLE, MANIFEST
from harness.export.manifest import ExportManifest
from harness.frontier.operating_point import OperatingPoint
from harness.results.launches import origin_of
from harness.results.study_record import StudyRecord, read_study_record
from harness.tracking.logged_models import ExportedNetwork


def as_model(
    source: Path, record: StudyRecord, point: OperatingPoint, folder: Path
) -> ExportedNetwork:
    """The model of an operating point of the study in `source`, exported to `folder`."""
    policy = record.spec.policy
    manifest = read_record(folder / MANIFEST, ExportManifest)
    return ExportedNetwork(
        # Trials are logged under the study's own policy, whichever the point is for.
        origin=origin_of(source, read_study_record(source)),
        key=point.key,
        name=f"{record.name}-{point.regime}",
        folder=folder,
        example=np.load(folder / EXAMPLE),
        requirements=manifest.requirements,
        parameters={
            "regime": point.regime,
            "policy": " ".join([policy.name, *map(str, policy.parameters.items())]),
            "policy_code": manifest.policy.digest,
            "programs": " ".join(manifest.stages),
            "inputs": manifest.data.inputs,
            "thresholds": list(point.thresholds),
            **point.measured,
        },
    )


def model_note(record: StudyRecord) -> str:
    """Description of a study's registered model, in Markdown."""
    return (
        f"{record.spec.description}\n\n"
        "An early-exit network with its thresholds, and the preprocessing of its inputs where "
        "harness recognised it. The aliases are operating points: "
        "`best-accuracy`, `knee` (the point that alone dominates the largest area) and "
        "`cheapest-95` (95 % of the best accuracy at the lowest cost). All were chosen on "
        "validation.\n\n"
        f"*{record.caption}*"
    )
