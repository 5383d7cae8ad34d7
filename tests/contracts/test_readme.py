"""What README shows is what harness takes."""

import re

from harness.core.types import DataShape
from harness.data.load import task_of_split
from harness.study.checks import check, check_networks
from harness.study.plan import plan_notes, planned_trials
from harness.study.study_file import read_study
from tests.conftest import REPOSITORY

README = (REPOSITORY / "README.md").read_text(encoding="utf-8")


def test_the_study_file_of_the_readme_can_be_launched(tmp_path):
    (text,) = re.findall(r"```yaml\n(.*?)```", README, re.DOTALL)
    (tmp_path / "my-study.yaml").write_text(text)
    study = read_study(tmp_path / "my-study.yaml")
    check(study, "README.md", task_of_split(REPOSITORY / "params.yaml", study.split))
    check_networks(study, DataShape((1, 200), 16, "classification"), "README.md")
    assert planned_trials(study) == study.run_cap
    assert plan_notes(study) == ()
