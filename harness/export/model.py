"""An exported folder as MLflow is told of it."""

from pathlib import Path

import numpy as np

from harness.export.artifact import EXAMPLE
from harness.export.point import OperatingPoint
from harness.results.study_record import StudyRecord
from harness.tracking.models import ExportedNetwork


def as_model(record: StudyRecord, point: OperatingPoint, folder: Path) -> ExportedNetwork:
    """The model of an operating point that was exported to `folder`."""
    return ExportedNetwork(
        study=record.name,
        key=point.key,
        name=f"{record.name}-{point.regime}",
        folder=folder,
        example=np.load(folder / EXAMPLE),
        parameters={
            "regime": point.regime,
            "policy": " ".join([record.policy, *map(str, record.policy_parameters.items())]),
            "thresholds": list(point.thresholds),
            **point.measured,
        },
    )
