import pytest

from harness.core.errors import InputError
from harness.core.project import Project


@pytest.mark.parametrize("name", ["study.json", "configurations.jsonl", "optuna.journal"])
def test_a_folder_without_a_project_is_refused(tmp_path, name):
    with pytest.raises(InputError, match=r"no project, as there is no params.yaml.*`harness init"):
        Project(tmp_path).check()
    (tmp_path / "results" / "a").mkdir(parents=True)
    with pytest.raises(InputError, match="no project"):
        Project(tmp_path).check()
    (tmp_path / "results" / "a" / name).touch()
    Project(tmp_path).check()


def test_a_project_has_splits(tmp_path):
    (tmp_path / "params.yaml").touch()
    Project(tmp_path).check()
