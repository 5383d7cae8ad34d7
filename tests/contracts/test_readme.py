"""What README and the how-to of studies show is what harness takes."""

import re

from harness.core.types import DataShape
from harness.data.load import task_of_split
from harness.study.checks import check, check_networks
from harness.study.plan import plan_notes, planned_trials
from harness.study.study_file import read_study
from tests.conftest import REPOSITORY

PAGE = "docs/howto/studies.md"


def test_the_readme_names_the_commands_of_a_clone():
    readme = (REPOSITORY / "README.md").read_text(encoding="utf-8")
    assert re.search(r"^make test\b", readme, re.MULTILINE)
    assert re.search(r"^make study\b", readme, re.MULTILINE)
    assert "make docs" in readme


def test_the_study_file_of_the_how_to_can_be_launched(tmp_path):
    page = (REPOSITORY / PAGE).read_text(encoding="utf-8")
    (text,) = re.findall(r"```yaml\n(.*?)```", page, re.DOTALL)
    (tmp_path / "my-study.yaml").write_text(text)
    study = read_study(tmp_path / "my-study.yaml")
    check(study, PAGE, task_of_split(REPOSITORY / "params.yaml", study.split))
    check_networks(study, DataShape((1, 200), 16, "classification"), PAGE)
    assert planned_trials(study) == study.run_cap
    assert plan_notes(study) == ()
