"""The paths that commands work on: the project, a study's folder, the MLflow store."""

from pathlib import Path
from typing import TYPE_CHECKING

from harness.core.project import Project

if TYPE_CHECKING:
    from harness.tracking.runs import Store


def current_project() -> Project:
    """The project in the current folder."""
    return Project(Path())


def study_folder(study: str) -> Path:
    """Folder of a study's results, given by its name or file."""
    return current_project().results / Path(study).name.removesuffix(".yaml")


def tracking_store(uri: str | None) -> "Store":
    """The MLflow store to log to."""
    from harness.tracking.runs import Store

    project = current_project()
    project.results.mkdir(exist_ok=True)
    return Store(uri, None) if uri else Store(project.tracking_uri, project.artifacts)
