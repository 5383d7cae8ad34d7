"""The lists that dvc.yaml repeats its stages over."""

import shutil
import subprocess

import pytest
import yaml

from harness.core.errors import InputError
from harness.core.project import Project
from harness.study.stages import stage_lists
from tests.conftest import REPOSITORY

PROJECT = Project(REPOSITORY)


def test_the_committed_lists_are_what_harness_stages_writes():
    """Of the studies listed: one that is only being tried out need not be."""
    text = PROJECT.stage_lists.read_text(encoding="utf-8")
    listed = yaml.safe_load(text)["studies"]
    now = stage_lists(PROJECT.splits, [PROJECT.studies / f"{name}.yaml" for name in listed])
    assert text == now, "out of date: run `harness stages`"


def test_every_committed_study_is_listed():
    tracked = subprocess.run(
        ["git", "ls-files", "studies/*.yaml"],
        cwd=REPOSITORY, capture_output=True, text=True, check=False,
    )  # fmt: skip
    names = {line.removeprefix("studies/").removesuffix(".yaml") for line in tracked.stdout.split()}
    assert names <= set(yaml.safe_load(PROJECT.stage_lists.read_text())["studies"]), (
        "out of date: run `harness stages`"
    )


def test_no_stage_has_a_list_of_its_own():
    stages = yaml.safe_load((REPOSITORY / "dvc.yaml").read_text())["stages"]
    assert {name: stage["foreach"] for name, stage in stages.items()} == {
        "fetch": "${datasets}",
        "prepare": "${splits}",
        "study": "${studies}",
        "confirm": "${studies}",
        "frontier": "${studies}",
        "report": "${studies}",
        "findings": "${findings}",
    }


def test_what_the_stages_read_is_there():
    """The source that a stage depends on, with every data set put in."""
    stages = yaml.safe_load((REPOSITORY / "dvc.yaml").read_text())["stages"]
    datasets = yaml.safe_load(PROJECT.stage_lists.read_text())["datasets"]
    read = [
        path.replace("${item.dataset}", dataset).replace("${item}", dataset)
        for stage in stages.values()
        for path in stage["do"]["deps"]
        for dataset in datasets
        if path.startswith("harness/")
    ]
    assert [path for path in read if not (REPOSITORY / path).exists()] == []


def test_a_new_study_is_a_new_stage(tmp_path):
    shutil.copy(PROJECT.studies / "quickstart.yaml", tmp_path / "quickstart.yaml")
    text = (tmp_path / "quickstart.yaml").read_text()
    new = tmp_path / "again.yaml"
    new.write_text(text.replace("name: quickstart", "name: again", 1))
    lists = yaml.safe_load(stage_lists(PROJECT.splits, tmp_path.glob("*.yaml")))
    digits = {"dataset": "digits", "split": "digits", "score": "accuracy"}
    assert lists["studies"] == {"again": digits, "quickstart": digits}
    assert "fashion_mnist" in lists["datasets"]
    assert lists["findings"] == []
    repeated = "run_cap: 54\nsearches: 2"
    new.write_text(
        text.replace("name: quickstart", "name: again", 1).replace("run_cap: 54", repeated)
    )
    lists = yaml.safe_load(stage_lists(PROJECT.splits, tmp_path.glob("*.yaml")))
    assert lists["findings"] == ["again"]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("name: quickstart", "name: other", "quickstart.yaml: name: .* found other"),
        ("split: digits", "split: nowhere", "no split 'nowhere'; known: digits"),
    ],
)
def test_a_study_that_dvc_could_not_run_is_refused(tmp_path, old, new, message):
    path = tmp_path / "quickstart.yaml"
    text = (PROJECT.studies / "quickstart.yaml").read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))
    with pytest.raises(InputError, match=message):
        stage_lists(PROJECT.splits, [path])
