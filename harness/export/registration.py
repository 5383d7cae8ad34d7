"""A study's best operating points as versions of one registered MLflow model."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from harness.core.project import Project
from harness.export.artifact import write_export
from harness.export.mlflow_model import as_model, model_note
from harness.export.programs import FORMATS, Format
from harness.frontier.operating_point import Aim, OperatingPoint, Wanted, choose
from harness.results import study_record
from harness.results.tables import read_frontier
from harness.tracking import registered_models
from harness.tracking.registered_models import Registered
from harness.tracking.store import Store

ALIASES: tuple[Aim, ...] = ("best-accuracy", "knee", "cheapest-95")


@dataclass(frozen=True)
class RegisteredPoint:
    """An operating point, the folder it was exported to, and the model version made of it."""

    alias: Aim
    point: OperatingPoint
    folder: Path
    model: Registered


def register_points(
    project: Project,
    folder: Path,
    store: Store,
    watch: Callable[[str], None] = lambda _: None,
    formats: Sequence[Format] = FORMATS,
) -> tuple[RegisteredPoint, ...]:
    """Export a study's best operating points to `models/<alias>`, and set the aliases to them.

    Run again, it adds a version for new points only.

    Parameters
    ----------
    watch
        Called with each alias when it is done.
    formats
        Of the exports' programs.

    Raises
    ------
    InputError
        The frontier stage has not run, or a point cannot be exported. MLflow's errors pass through.
    """
    record, frame = study_record.read_study_record(folder), read_frontier(folder)
    found = []
    for alias in ALIASES:
        point = choose(frame, Wanted(aim=alias), record.reference.score)
        target = folder / "models" / alias
        write_export(project, folder, record, point, target, formats)
        model = registered_models.register_version(
            store, record.name, alias, as_model(folder, record, point, target)
        )
        registered_models.describe(store, record.name, model_note(record))
        found.append(RegisteredPoint(alias, point, target, model))
        watch(alias)
    return tuple(found)
