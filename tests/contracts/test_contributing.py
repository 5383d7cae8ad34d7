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
# One process for all that imports torch: that takes longer than what is run.
ALL = """
import contextlib, io, json, sys
import pytest
from harness.cli.app import main

def harness(*arguments):
    sys.argv = ["harness", *arguments]
    try:
        main()
    except SystemExit as ended:
        return ended.code

def told(run, *arguments):
    with contextlib.redirect_stdout(io.StringIO()) as said:
        code = run(*arguments)
    return int(code or 0), said.getvalue()

kinds, study, tests = map(json.loads, sys.argv[1:])
ended = {kind: told(harness, "list", kind, "--json") for kind in kinds}
ended["study"] = told(harness, "launch", study, "--smoke", "--workers", "1")
ended["tests"] = told(pytest.main, tests)
print(json.dumps(ended))
"""


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
    # By default it lies beside the project, of which this is a copy elsewhere.
    environment.setdefault("HARNESS_DATA_MIRROR", str(REPOSITORY.parent / "shared" / "data"))
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


@pytest.fixture(scope="module")
def ended(copy, examples):
    """What lists of plug-ins, the launch of the study and tests over all plug-ins told."""
    (study,) = names(examples, "studies")
    files = ("contracts/test_plugins", "contracts/test_limits", "regimes/test_identities",
             "policies/test_confidences", "models/test_early_exit")  # fmt: skip
    new = [Path(path).stem for path in examples if path.endswith(".py")]
    chosen = " or ".join([*new, "test_one_exit", "test_permuting", "test_limits"])
    tests = ["-vv", "-p", "no:cacheprovider", "-k", chosen, *(f"tests/{f}.py" for f in files)]
    asked = ([*KINDS], f"studies/{study}.yaml", tests)
    found = json.loads(run(copy, "-c", ALL, *map(json.dumps, asked)))

    def told(name):
        code, said = found[name]
        assert code == 0, said
        return said

    return told


@pytest.mark.job
def test_the_examples_are_listed_with_summary_and_parameters(ended, examples):
    for kind, folder in KINDS.items():
        rows = {row["name"]: row for row in json.loads(ended(kind))}
        (name,) = names(examples, folder)
        assert rows[name]["summary"].endswith("."), kind
        own = re.findall(r"^    (\w+): Annotated", examples[f"{folder}/{name}.py"], re.M)
        assert set(own) <= set(rows[name]["parameters"]), kind


def test_the_examples_pass_the_lint(copy, examples):
    files = [path for path in examples if path.endswith(".py")]
    run(copy, "-m", "ruff", "check", "--no-cache", *files)
    run(copy, "-m", "ruff", "format", "--no-cache", "--check", *files)


@pytest.mark.job
def test_the_examples_pass_the_tests_that_run_over_every_plugin(ended, examples):
    new = [Path(path).stem for path in examples if path.endswith(".py")]
    assert [name for name in new if f".{name}" not in ended("tests")] == []


@pytest.mark.job
def test_the_study_runs_with_all_of_them(copy, examples, ended):
    (study,) = names(examples, "studies")
    assert "0 failed" in ended("study")
    folder = copy / "results" / f"{study}-smoke"
    record = json.loads((folder / "study.json").read_text())
    assert record["state"] == "done"
    lines = (folder / "configurations.jsonl").read_text().splitlines()
    assert [json.loads(line)["regime"] for line in lines] == ["joint", "focal_cascade"] * 2
    assert record["spec"]["policy"]["name"] == "logit_gap"
    assert record["manifest"]["spec"]["dataset"] == "wine"
