"""Paths of a project: data, studies, plug-ins, results."""

import os
from dataclasses import dataclass
from pathlib import Path

from harness.core.errors import InputError

SPLITS = "params.yaml"
"""The file that makes a folder a project."""
_OF_A_STUDY = ("study.json", "configurations.jsonl", "optuna.journal")
"""Files of a study's results, of which one may be lost."""


@dataclass(frozen=True)
class Project:
    """Paths of one project's folders and files, all below `root`."""

    root: Path

    def check(self) -> None:
        """Refuse a folder that is no project: it has neither params.yaml nor a study's results.

        Raises
        ------
        InputError
            The message says how to make one.
        """
        if not self.exists:
            raise InputError(
                f"{self.root.resolve()}: no project, as there is no {self.splits.name}; change to "
                "the folder of one, name it by --project, or make one: `harness init DIR`"
            )

    @property
    def exists(self) -> bool:
        """Whether it is one: it has splits to launch studies on, or results of one to read."""
        studies = (any(self.results.glob(f"*/{name}")) for name in _OF_A_STUDY)
        return self.splits.exists() or any(studies)

    @property
    def splits(self) -> Path:
        """The file `params.yaml`, which defines the splits."""
        return self.root / SPLITS

    @property
    def studies(self) -> Path:
        """Folder of the study files."""
        return self.root / "studies"

    @property
    def plugins(self) -> Path:
        """Folder of the project's own plug-ins, `<kind>/<name>.py`."""
        return self.root / "plugins"

    @property
    def stage_lists(self) -> Path:
        """The file that lists the data sets and studies of the stages in `dvc.yaml`."""
        return self.root / "dvc.vars.yaml"

    @property
    def raw(self) -> Path:
        """Raw data as downloaded, one folder per data set."""
        return self.root / "data" / "raw"

    @property
    def prepared(self) -> Path:
        """Prepared splits, one folder each."""
        return self.root / "data" / "prepared"

    @property
    def results(self) -> Path:
        """Results: one folder per study, and MLflow's store."""
        return self.root / "results"

    @property
    def tracking_uri(self) -> str:
        """URI of MLflow's embedded store (SQLite)."""
        return f"sqlite:///{(self.results / 'mlflow.db').resolve()}"

    @property
    def artifacts(self) -> Path:
        """Folder of the artifacts of MLflow's embedded store."""
        return self.results / "mlartifacts"


def find_project(start: Path) -> Project | None:
    """The project that a folder is in: the nearest one upwards with a `params.yaml`.

    Its root is given relative to `start`, `.` where it is `start` itself, which may hold results
    alone; None where there is none.
    """
    here = start.resolve()
    for folder in (here, *here.parents):
        if (folder / SPLITS).is_file():
            return Project(start / os.path.relpath(folder, here))
    return Project(start) if Project(start).exists else None
