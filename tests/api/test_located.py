"""The folders of studies, found by name."""

import pytest

from harness.api.located import known_studies, study_folder
from harness.cli import locate
from harness.core.errors import InputError
from harness.core.project import Project
from tests.made_up import make_study


@pytest.fixture
def launched(project):
    for name in ("made-up", "other", ".hidden"):
        make_study(project.results / name)
    return project


def test_a_name_is_found_below_the_project_wherever_python_runs(launched, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    assert study_folder(launched, "other") == launched.results / "other"
    assert known_studies(launched) == ("made-up", "other")
    assert known_studies(Project(tmp_path / "none")) == ()


@pytest.mark.parametrize("name", ["none", "../made-up", "", "studies", ".hidden"])
def test_what_is_not_there_lists_what_is(launched, name):
    with pytest.raises(InputError, match=r"no such study in .*results; .*nown: made-up, other\."):
        study_folder(launched, name)


@pytest.mark.usefixtures("launched")
def test_the_command_finds_the_same():
    here = Project(locate.current_project().root)
    assert study_folder(here, "other") == locate.study_folder("other")
