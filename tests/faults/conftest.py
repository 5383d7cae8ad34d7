"""The undisturbed study that the disturbed ones are compared with."""

import pytest

from tests.faults.disturbed import Disturbed


@pytest.fixture
def disturbed(tmp_path, mlflow_tables):
    """Makes studies to disturb; whatever they left running is killed at the end."""
    made = []

    def make(name="disturbed"):
        made.append(Disturbed(tmp_path / name, mlflow_tables))
        return made[-1]

    yield make
    for study in made:
        study.kill_all()


@pytest.fixture(scope="session")
def undisturbed(tmp_path_factory, mlflow_tables):
    """The study after one launch that nothing disturbed, and the seconds that it took."""
    study = Disturbed(tmp_path_factory.mktemp("undisturbed") / "p", mlflow_tables)
    study.time_to_the_end()
    return study
