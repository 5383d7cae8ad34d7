"""What README shows is what harness takes."""

import re

import yaml

from harness.core.study_spec import StudySpec
from harness.data.load import task_of_split
from harness.study.checks import check
from harness.study.plan import planned_trials
from tests.conftest import REPOSITORY

README = (REPOSITORY / "README.md").read_text(encoding="utf-8")


def test_the_study_file_of_the_readme_can_be_launched():
    (text,) = re.findall(r"```yaml\n(.*?)```", README, re.DOTALL)
    study = StudySpec.model_validate(yaml.safe_load(text))
    check(study, "README.md", task_of_split(REPOSITORY / "params.yaml", study.split))
    assert planned_trials(study) == study.run_cap
