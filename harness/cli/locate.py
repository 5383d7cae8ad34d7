"""The paths that commands work on: the project, a study's folder, the MLflow store."""

from pathlib import Path
from typing import TYPE_CHECKING

from harness.core.project import Project

if TYPE_CHECKING:
    from harness.tracking.store import Store

_SQLITE = "sqlite:///"


def current_project() -> Project:
    """The project in the current folder."""
    return Project(Path())


def study_folder(study: str) -> Path:
    """Folder of a study's results, given by its name or file."""
    return current_project().results / Path(study).name.removesuffix(".yaml")


def tracking_store(uri: str | None) -> "Store":
    """The MLflow store to log to."""
    from harness.tracking.store import Store

    project = current_project()
    project.results.mkdir(exist_ok=True)
    # The project's own store by its address is still its own, whose artifacts lie beside it.
    database = Path(uri.removeprefix(_SQLITE)) if uri and uri.startswith(_SQLITE) else None
    if uri and not (database and f"{_SQLITE}{database.resolve()}" == project.tracking_uri):
        return Store(uri, None)
    return Store(project.tracking_uri, project.artifacts)
