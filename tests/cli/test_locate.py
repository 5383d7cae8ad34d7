"""A study's results are found by its name, wherever the name stands."""

import pytest

from harness.cli.locate import study_folder
from harness.core.errors import InputError
from tests.made_up import make_study

FILE = """
name: made-up
description: A study.
expected_duration: no time
split: digits
backbone: {name: image_cnn}
regimes: {joint: {}}
run_cap: 1
"""


@pytest.fixture
def launched(project):
    """A project with the results of two studies."""
    for name in ("made-up", "other"):
        make_study(project.results / name)
    return project


@pytest.mark.parametrize("file", ["made-up.yaml", "renamed.yaml", "other.yml"])
def test_by_the_name_in_a_study_file_not_by_the_name_of_the_file(launched, file):
    (launched.studies / file).write_text(FILE)
    assert study_folder(f"studies/{file}").resolve() == (launched.results / "made-up").resolve()


@pytest.mark.parametrize("name", ["made-up", "other"])
def test_by_name(launched, name):
    assert study_folder(name).resolve() == (launched.results / name).resolve()


@pytest.mark.parametrize("name", ["none", "results/made-up", "../made-up", "", "studies"])
def test_no_such_study_lists_those_that_are_there(launched, name):
    assert launched.root.is_dir()
    with pytest.raises(InputError, match=r"no such study in results; .*nown: made-up, other\."):
        study_folder(name)


def test_a_file_whose_study_was_not_launched(launched):
    with pytest.raises(InputError, match=r"^studies/quickstart.yaml: no such study in results"):
        study_folder(str(launched.studies.relative_to(launched.root) / "quickstart.yaml"))


def test_a_study_file_that_is_missing(launched):
    assert launched.root.is_dir()
    with pytest.raises(InputError, match=r"none.yaml: no such study file"):
        study_folder("none.yaml")
