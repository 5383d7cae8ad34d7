"""The paths that commands work on: the project, a study's folder, the MLflow store."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from harness.cli import printing
from harness.core.plugin_files import use_plugins_in
from harness.core.project import Project, find_project

if TYPE_CHECKING:
    from harness.tracking.store import Store


def project_if_any() -> Project | None:
    """The project that `--project` names, or else that of the current folder."""
    context = click.get_current_context(silent=True)
    chosen = context.find_root().obj if context else None
    return Project(chosen) if isinstance(chosen, Path) else find_project(Path())


def current_project() -> Project:
    """The project that `--project` names or that the current folder is in, or else that folder."""
    return project_if_any() or Project(Path())


def use_plugins_of(project: Project | None, folders: Sequence[Path]) -> None:
    """Let this process know the plug-ins of a project and of further folders.

    A project that the current folder is only below of is named, as nobody sees it there.
    """
    if project and project.root.resolve() != Path().resolve():
        printing.print_notes([f"project: {project.root.resolve()}"])
    use_plugins_in([*([project.plugins] if project else []), *folders])


def study_folder(study: str) -> Path:
    """Folder of the results of a study that was launched, given its name or its study file.

    Raises
    ------
    InputError
        No study of this name was launched (the message lists those that were), or the file cannot
        be read.
    """
    from harness.api import located

    return located.study_folder(current_project(), study)


def is_file_name(study: str) -> bool:
    """Whether a study is named by its file."""
    return study.endswith((".yaml", ".yml"))


def tracking_store(uri: str | None) -> "Store":
    """The MLflow store to log to: the project's own unless another is named."""
    from harness.api.stores import store_of

    return store_of(current_project(), uri)
