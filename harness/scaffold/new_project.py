"""A new project in an empty folder: splits, a study on Indian Pines, plug-ins, stages of DVC."""

import json
from pathlib import Path

from harness.core.errors import InputError
from harness.core.files import write_text
from harness.core.project import Project
from harness.scaffold.new_file import TEMPLATES

_PROJECT = TEMPLATES / "project"
_RENAMED = {"gitignore": ".gitignore"}
"""Files that a package cannot hold under their own name."""
FIRST_STUDY = "first"
SCHEMA = "study.schema.json"


def new_project(folder: Path) -> tuple[Project, tuple[Path, ...]]:
    """Write a project's files; the project, and the files.

    Raises
    ------
    InputError
        One of them is there already: nothing is written.
    """
    from harness.study.stages import stage_lists
    from harness.study.study_schema import study_schema

    project = Project(folder)
    texts = {
        _target(folder, file): file.read_text(encoding="utf-8")
        for file in sorted(_PROJECT.rglob("*"))
        if file.is_file()
    }
    generated = (project.studies / SCHEMA, project.stage_lists)
    taken = [path for path in (*texts, *generated) if path.exists()]
    if taken:
        raise InputError(f"{taken[0]}: it is there already; `harness init` takes an empty folder")
    for path, text in texts.items():
        write_text(path, text)
    write_text(generated[0], json.dumps(study_schema(), indent=2) + "\n")
    write_text(generated[1], stage_lists(project.splits, project.studies.glob("*.yaml")))
    return project, (*texts, *generated)


def _target(folder: Path, file: Path) -> Path:
    place = file.relative_to(_PROJECT)
    return folder / place.with_name(_RENAMED.get(place.name, place.name))
