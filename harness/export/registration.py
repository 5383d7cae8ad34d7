"""A study's best operating points as versions of one registered MLflow model."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from harness.core.project import Project
from harness.export.artifact import ExportChoices, write_export
from harness.export.mlflow_model import as_model, model_note
from harness.frontier.operating_point import Aim, OperatingPoint, Wanted, choose
from harness.results.study_record import StudyRecord
from harness.tracking import registered_models
from harness.tracking.registered_models import Registered
from harness.tracking.store import Store

ALIASES: tuple[Aim, ...] = ("best-accuracy", "knee", "cheapest-95")


@dataclass(frozen=True)
class SearchedFrontier:
    """A study's frontiers under a policy and a threshold selection, to export points of.

    Attributes
    ----------
    folder
        The study's.
    record
        Of the study; its exit policy is the one that the thresholds are for.
    points
        A row per point, as `harness frontier` writes them.
    """

    folder: Path
    record: StudyRecord
    points: pd.DataFrame
    choices: ExportChoices


@dataclass(frozen=True)
class RegisteredPoint:
    """An operating point, the folder it was exported to, and the model version made of it."""

    alias: Aim
    point: OperatingPoint
    folder: Path
    model: Registered


def register_points(
    project: Project,
    frontier: SearchedFrontier,
    store: Store,
    watch: Callable[[str], None] = lambda _: None,
) -> tuple[RegisteredPoint, ...]:
    """Export a study's best operating points to `models/<alias>`, and set the aliases to them.

    Run again, it adds a version for new points only.

    Parameters
    ----------
    watch
        Called with each alias when it is done.

    Raises
    ------
    InputError
        A point cannot be exported. MLflow's errors pass through.
    """
    folder, record, frame = frontier.folder, frontier.record, frontier.points
    found = []
    for alias in ALIASES:
        point = choose(frame, Wanted(aim=alias), record.reference.score)
        target = folder / "models" / alias
        write_export(project, folder, record, point, target, frontier.choices)
        model = registered_models.register_version(
            store, record.name, alias, as_model(folder, record, point, target)
        )
        registered_models.describe(store, record.name, model_note(record))
        found.append(RegisteredPoint(alias, point, target, model))
        watch(alias)
    return tuple(found)
