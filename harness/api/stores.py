"""The MLflow store that a project logs to, and what a launch shows there."""

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from harness.core.project import Project

if TYPE_CHECKING:
    from harness.tracking.store import Store

_SQLITE = "sqlite:///"


def store_of(project: Project, uri: str | None) -> "Store":
    """The store of an address, or else the project's own, whose artifacts lie beside it."""
    from harness.tracking.store import Store

    # The project's own store by its address is still its own.
    database = Path(uri.removeprefix(_SQLITE)) if uri and uri.startswith(_SQLITE) else None
    own = database and f"{_SQLITE}{database.resolve()}" == project.tracking_uri
    if uri and not own:
        return Store(uri, None)
    project.results.mkdir(parents=True, exist_ok=True)
    return Store(project.tracking_uri, project.artifacts)


def publish_validation(folder: Path, store: "Store") -> None:
    """Put the frontiers on validation on MLflow's page of the newest launch of a study."""
    from harness.analysis.frontier_stage import write_validation_tables
    from harness.report.publishing import publish_study

    with tempfile.TemporaryDirectory() as scratch:
        write_validation_tables(folder, Path(scratch))
        publish_study(folder, Path(scratch), store)
