"""The folders of studies, found by name."""

from collections.abc import Sequence
from pathlib import Path

from harness.core.errors import InputError
from harness.core.faults import meant_or_known
from harness.core.plugin_files import use_plugins_in
from harness.core.project import Project

_ENDINGS = (".yaml", ".yml")


def opened_project(folder: str | Path, plugins: Sequence[str | Path] = ()) -> Project:
    """A project by its folder; its plug-ins, and those of further folders, are known from here on.

    Raises
    ------
    InputError
        A file of a plug-in cannot be read.
    """
    project = Project(Path(folder))
    use_plugins_in([project.plugins, *map(Path, plugins)])
    return project


def study_folder(project: Project, study: str) -> Path:
    """Folder of the results of a study that was launched, given its name or its study file.

    Raises
    ------
    InputError
        No study of this name was launched (the message lists those that were), or the file cannot
        be read.
    """
    results = project.results
    name = _name_in(Path(study)) if study.endswith(_ENDINGS) else study
    known = known_studies(project)
    if name not in known:
        listed = meant_or_known(study, known) if known else "; none is there yet"
        raise InputError(
            f"{study}: no such study in {results}{listed}. `harness launch FILE.yaml` makes one"
        )
    return results / name


def known_studies(project: Project) -> tuple[str, ...]:
    """Names of the studies of a project that have been launched or imported, sorted."""
    from harness.results.study_record import CONFIGURATIONS, JOURNAL, RECORD

    files = (RECORD, CONFIGURATIONS, JOURNAL)  # of which one may be lost
    found = {path.parent.name for file in files for path in project.results.glob(f"*/{file}")}
    return tuple(sorted(name for name in found if not name.startswith(".")))


def _name_in(file: Path) -> str:
    """The name of a file's study, which need not be the file's."""
    from harness.study.study_file import read_study

    return read_study(file).name
