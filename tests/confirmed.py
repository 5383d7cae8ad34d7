"""A small real study, searched and confirmed once in this process, to be read alone."""

import shutil
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from harness.core.project import Project
from harness.results.study_record import StudyRecord
from tests.in_process import InProcess

STUDY = """
name: tiny
description: A study for tests.
expected_duration: seconds
split: digits
backbone: {name: image_cnn, parameters: {widths: [6, 8], exits: 2, pool: 2}}
training: {epochs: 3, batch_size: 64, learning_rate: {min: 0.005, max: 0.05}}
regimes: {joint: {}, mixed: {}}
method: random
seeds: [0]
run_cap: 4
confirm: {seeds: 3, candidates: [50, 100]}
"""


@dataclass(frozen=True)
class ConfirmedStudy:
    """Its project and folder, the record of its search and that of its confirmation."""

    project: Project
    folder: Path
    search: StudyRecord
    record: StudyRecord


def confirm_in(project, text):
    """Search and confirm the study of a text in this process, and write its tables."""
    from harness.analysis.frontier_stage import write_frontier
    from harness.data.load import ensure
    from harness.results.confirmation import read_confirmed
    from harness.results.study_record import read_study_record
    from harness.study.candidates import candidates
    from harness.study.confirmation import ConfirmationPlan, fresh_splits
    from harness.study.run import LaunchOptions, confirm_study, run_study
    from harness.study.scoring import Scorer
    from harness.study.study_file import read_study
    from harness.tracking.store import Store

    def nothing(*_):
        return None

    file, folder = project.studies / "tiny.yaml", project.results / "tiny"
    file.write_text(text)
    study, store = read_study(file, []), Store(project.tracking_uri, project.artifacts)
    manifest = ensure(project, study.split, None, nothing)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("harness.study.run.Loky", InProcess)
        run_study(project, study, manifest, LaunchOptions(), store, nothing)
        search = read_study_record(folder)
        chosen = candidates(search, Scorer(search, folder))
        plan = ConfirmationPlan(search, chosen, fresh_splits(project, search, None, *[nothing] * 2))
        confirm_study(project, plan, LaunchOptions(), store, nothing)
    write_frontier(folder)
    return ConfirmedStudy(project, folder, search, read_confirmed(folder))


@pytest.fixture(scope="session")
def confirmed_study(tmp_path_factory, mlflow_tables):
    """Two configurations of two regimes, confirmed on three seeds, with the frontier's tables."""
    from tests.conftest import make_project, with_tables

    made = make_project(tmp_path_factory.mktemp("confirmed") / "project")
    return confirm_in(with_tables(made, mlflow_tables), STUDY)


@pytest.fixture
def own_confirmed(confirmed_study, tmp_path, monkeypatch):
    """A copy of the confirmed study to be changed, in its project as the current folder."""
    root = tmp_path / "own"
    shutil.copytree(confirmed_study.project.root, root)
    monkeypatch.chdir(root)
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    project = Project(root)
    return replace(confirmed_study, project=project, folder=project.results / "tiny")


@pytest.fixture
def in_confirmed(confirmed_study, monkeypatch):
    """The confirmed study, in its project as the current folder."""
    monkeypatch.chdir(confirmed_study.project.root)
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    return confirmed_study
