"""The worked examples of CONTRIBUTING.md, added to a copy of the project and run."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]
FENCE = re.compile(
    r"^<!-- (?P<verb>file|append to): (?P<path>\S+) -->\n```\w+\n(?P<text>.*?)^```$", re.M | re.S
)
KINDS = {
    "regimes": "harness/regimes",
    "backbones": "harness/models/backbones",
    "policies": "harness/policies",
    "datasets": "harness/data/sets",
}
LIST = """
import sys
from harness.cli.app import app
for kind in sys.argv[1:]:
    app(["list", kind, "--json"], standalone_mode=False)
    print("\\0")
"""
LAUNCH = "from harness.cli.app import main; main()"


@pytest.fixture(scope="module")
def page():
    """What the page adds: verb, path and text of each marked fence."""
    return FENCE.findall((REPOSITORY / "CONTRIBUTING.md").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def examples(page):
    """The text of each new file, by path."""
    return {path: text for verb, path, text in page if verb == "file"}


@pytest.fixture(scope="module")
def copy(tmp_path_factory, page):
    """A copy of the project with the examples added."""
    root = tmp_path_factory.mktemp("contributing")
    for name in ("harness", "studies", "tests"):
        left_out = shutil.ignore_patterns("__pycache__")
        shutil.copytree(REPOSITORY / name, root / name, ignore=left_out)
    for name in ("params.yaml", "pyproject.toml"):
        shutil.copy(REPOSITORY / name, root)
    for verb, path, text in page:
        assert (root / path).exists() == (verb == "append to"), path
        with (root / path).open("a", encoding="utf-8") as stream:
            stream.write(text)
    return root


def run(copy, *arguments):
    """Run Python on the copy's package, which stands before the installed one."""
    environment = {**os.environ, "PYTHONPATH": str(copy)}
    environment.pop("MLFLOW_TRACKING_URI", None)
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=copy,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    return done.stdout


def names(examples, folder):
    return {Path(path).stem for path in examples if Path(path).parent == Path(folder)}


def test_there_is_one_example_of_each_kind(examples):
    assert {Path(path).parent.as_posix() for path in examples} == {*KINDS.values(), "studies"}
    assert len(examples) == len(KINDS) + 1


def test_the_examples_are_listed_with_summary_and_parameters(copy, examples):
    answers = run(copy, "-c", LIST, *KINDS).split("\0")
    for (kind, folder), answer in zip(KINDS.items(), answers, strict=False):
        rows = {row["name"]: row for row in json.loads(answer)}
        (name,) = names(examples, folder)
        assert rows[name]["summary"].endswith("."), kind
        own = re.findall(r"^    (\w+): Annotated", examples[f"{folder}/{name}.py"], re.M)
        assert set(own) <= set(rows[name]["parameters"]), kind


def test_the_examples_pass_the_lint(copy, examples):
    files = [path for path in examples if path.endswith(".py")]
    run(copy, "-m", "ruff", "check", "--no-cache", *files)
    run(copy, "-m", "ruff", "format", "--no-cache", "--check", *files)


def test_the_examples_pass_the_tests_that_run_over_every_plugin(copy, examples):
    models = "tests/models/test_early_exit.py"
    new = [Path(path).stem for path in examples if path.endswith(".py")]
    chosen = " or ".join([*new, "test_one_exit", "test_permuting", "test_limits"])
    tests = ("tests/contracts/test_plugins.py", "tests/contracts/test_limits.py")
    rooms = ("tests/regimes/test_identities.py", "tests/policies/test_confidences.py")
    told = run(
        copy, "-m", "pytest", "-vv", "-p", "no:cacheprovider", "-k", chosen, *tests, *rooms, models
    )
    assert [name for name in new if f".{name}" not in told] == []


def test_the_study_runs_with_all_of_them(copy, examples):
    (study,) = names(examples, "studies")
    run(copy, "-c", LAUNCH, "launch", f"studies/{study}.yaml", "--smoke", "--workers", "1")
    folder = copy / "results" / f"{study}-smoke"
    record = json.loads((folder / "study.json").read_text())
    assert record["state"] == "done"
    lines = (folder / "configurations.jsonl").read_text().splitlines()
    assert [json.loads(line)["regime"] for line in lines] == ["joint", "focal_cascade"] * 2
    assert record["spec"]["policy"]["name"] == "logit_gap"
    assert record["manifest"]["spec"]["dataset"] == "wine"
