import json
import re
import subprocess
import sys

import pytest
import yaml

from harness.cli import app
from harness.core.errors import InputError
from harness.core.plugin_files import PluginFolder
from harness.core.project import find_project
from harness.data.load import task_of_split
from harness.results.study_record import read_study_record
from harness.results.trials import stored_keys
from harness.scaffold.new_file import TEMPLATES, new_file
from harness.scaffold.new_project import new_project
from harness.study.checks import check
from harness.study.study_file import read_study
from harness.study.study_schema import study_schema
from tests.conftest import REPOSITORY

OWN = """
name: own
description: A regime, a backbone, a data set and a policy of one's own.
expected_duration: seconds
split: wines
backbone: {name: mlp}
training: {epochs: 2, batch_size: 32}
regimes:
  joint: {}
  mine: {strength: {min: 0.0, max: 1.0}}
policy: {name: sharp}
seeds: [0]
run_cap: 4
"""
WINES = """
  wines: {dataset: wines, train: 0.5, validation: 0.25, seed: 0}
"""


@pytest.fixture
def project(tmp_path):
    return new_project(tmp_path / "p")[0]


def test_its_study_is_sound_and_its_schema_the_current_one(project):
    (file,) = project.studies.glob("*.yaml")
    study = read_study(file)
    check(study, str(file), task_of_split(project.splits, study.split))
    assert json.loads((project.studies / "study.schema.json").read_text()) == study_schema()
    lists = yaml.safe_load(project.stage_lists.read_text())
    assert list(lists["studies"]) == [study.name] == ["first"]


def test_its_stages_are_those_of_this_repository_with_plugins_for_code(project):
    text = (REPOSITORY / "dvc.yaml").read_text()
    text = text[: text.index("\n  # What this repository answers")]
    text = re.sub(r" +- harness/\S+\n", "", text)
    text = re.sub(r"( +)deps:\n", r"\1deps:\n\1  - plugins\n", text)
    text = re.sub(r" +template: frontier\n", "", text)
    assert (project.root / "dvc.yaml").read_text() == text


def test_a_folder_with_one_of_its_files_is_left_alone(tmp_path):
    (tmp_path / "params.yaml").write_text("mine")
    with pytest.raises(InputError, match=r"params\.yaml: it is there already; .*an empty folder"):
        new_project(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["params.yaml"]


def test_its_ignored_files_are_those_of_this_repository(project):
    mine = set((project.root / ".gitignore").read_text().split())
    theirs = set((REPOSITORY / ".gitignore").read_text().split())
    assert {line for line in theirs if line.startswith(("/results/", "/data/"))} <= mine


def test_a_project_is_found_from_any_folder_below(project, monkeypatch):
    monkeypatch.chdir(project.studies)
    assert find_project(project.studies.relative_to(project.studies)).root.resolve() == (
        project.root.resolve()
    )


@pytest.fixture
def harness(project, monkeypatch, capsys):
    """Runs a command in the project: exit code and what it said."""
    monkeypatch.chdir(project.root)

    def run(*arguments):
        monkeypatch.setattr(sys, "argv", ["harness", *arguments])
        with pytest.raises(SystemExit) as ended:
            app.main()
        said = capsys.readouterr()
        return int(ended.value.code or 0), said.out + said.err

    return run


def test_commands_say_which_project_they_use(project, harness, monkeypatch, tmp_path):
    assert "project:" not in harness("status")[1]
    monkeypatch.chdir(project.studies)
    assert f"note: project: {project.root.resolve()}" in harness("status")[1]
    monkeypatch.chdir(tmp_path)
    code, said = harness("launch", "first.yaml")
    assert code == 2
    assert "make one: `harness init DIR`" in said
    new_file(project, "regime", "mine")
    assert "mine" in harness("--project", str(project.root), "list", "regimes")[1]
    assert "mine" in harness("--plugins", str(project.plugins), "list", "regimes")[1]


def test_a_broken_plugin_is_listed_with_what_is_wrong(project, harness):
    (project.plugins / "regimes").mkdir()
    (project.plugins / "regimes" / "broken.py").write_text("import nothing_here\n")
    code, said = harness("list", "regimes", "--json")
    found = {each["name"]: each for each in json.loads(said)}
    assert code == 0
    assert found["broken"]["summary"].startswith("broken: ")
    assert found["broken"]["from"].endswith("regimes/broken.py")
    assert found["joint"]["parameters"]


@pytest.mark.job
def test_plugins_of_ones_own_from_the_launch_to_the_report(project, use):
    """In processes of their own, as a user runs them: two workers load the same files."""
    for kind, name in (
        ("regime", "mine"), ("backbone", "mlp"), ("dataset", "wines"), ("policy", "sharp"),
    ):  # fmt: skip
        new_file(project, kind, name)
    (project.studies / "own.yaml").write_text(OWN)
    with project.splits.open("a") as splits:
        splits.write(WINES)

    def harness(*arguments):
        code = "from harness.cli.app import main; main()"
        command = [sys.executable, "-c", code, *arguments]
        done = subprocess.run(
            command, cwd=project.root, capture_output=True, text=True, check=False, timeout=600
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    launch = ("launch", "studies/own.yaml", "--workers", "2")
    harness(*launch)
    folder = project.results / "own"
    before = read_study_record(folder)
    use(PluginFolder.read(project.plugins))
    assert (before.state, len(stored_keys(folder))) == ("done", 4)
    assert {"regime mine", "backbone mlp", "data set wines", "exit policy sharp"} <= set(
        before.sources
    )
    for command in ("frontier", "compare", "report"):
        harness(command, "own")
    assert (folder / "report.html").is_file()
    regime = project.plugins / "regimes" / "mine.py"
    regime.write_text(regime.read_text().replace("self.strength * known", "0.5 * known"))
    harness(*launch, "--restart", "--yes")
    after = read_study_record(folder)
    kept = {c.regime: c.keys for c in before.configurations if c.regime == "joint"}
    assert {c.regime: c.keys for c in after.configurations if c.regime == "joint"} == kept
    assert {k for c in after.configurations for k in c.keys} == set(stored_keys(folder))
    assert before.sources["regime mine"] != after.sources["regime mine"]


def test_templates_are_in_the_package():
    assert (TEMPLATES / "project" / "gitignore").is_file()
