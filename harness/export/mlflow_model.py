"""An exported folder as MLflow is told of it."""

from pathlib import Path

import numpy as np

from harness.export.artifact import EXAMPLE
from harness.frontier.operating_point import OperatingPoint
from harness.results.study_record import StudyRecord
from harness.tracking.logged_models import ExportedNetwork


def as_model(record: StudyRecord, point: OperatingPoint, folder: Path) -> ExportedNetwork:
    """The model of an operating point that was exported to `folder`."""
    policy = record.spec.policy
    return ExportedNetwork(
        study=record.name,
        key=point.key,
        name=f"{record.name}-{point.regime}",
        folder=folder,
        example=np.load(folder / EXAMPLE),
        parameters={
            "regime": point.regime,
            "policy": " ".join([policy.name, *map(str, policy.parameters.items())]),
            "thresholds": list(point.thresholds),
            **point.measured,
        },
    )


def model_note(record: StudyRecord) -> str:
    """What a study's registered model is, in Markdown."""
    return (
        f"{record.spec.description}\n\n"
        "An early-exit network with the thresholds to run it with, by the name of what it is good "
        "for: `best-accuracy`, `knee` (the point that dominates most) and `cheapest-95` (95 % of "
        "the best accuracy at the lowest cost). All were chosen on validation.\n\n"
        f"*{record.caption}*"
    )
