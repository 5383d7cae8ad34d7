"""The command as a user runs it."""

import json
import subprocess
import sys
from collections import defaultdict
from importlib.metadata import version

import pytest
import yaml

from harness.cli import locate
from harness.core.result_format import RESULT_FORMAT
from harness.regimes import REGIMES
from harness.results import study_record
from harness.study.plan import plan, smoke
from harness.study.study_file import read_study
from harness.tracking.store import Store
from tests.conftest import REPOSITORY
from tests.made_up import MANIFEST
from tests.records import record_of

QUICKSTART = REPOSITORY / "studies" / "quickstart.yaml"
WHOLE = ("quickstart", "diabetes")
"""Studies that go through all commands with every regime."""
VALIDATION = {"fashion_mnist": 0.02}
"""Data sets of many thousands of samples, and the share of them to validate on."""


def _of_one_kind(files):
    """Study files by kind: those of findings by their networks and splits, each other by itself."""
    splits = yaml.safe_load((REPOSITORY / "params.yaml").read_text())["splits"]
    kinds = defaultdict(list)
    for file in files:
        study = yaml.safe_load(file.read_text())
        split = splits[study["split"]]
        kind = split["dataset"], str(split.get("parameters")), split.get("kind")
        own = "" if "searches" in study else file.stem
        kinds[own, study["backbone"]["name"], kind].append(file.stem)
    return kinds


STUDY_FILES = sorted(set(QUICKSTART.parent.glob("*.yaml")), key=lambda file: file.stem)
OTHER_STUDIES = sorted(
    names[0] for names in _of_one_kind(STUDY_FILES).values() if not {*names} & {*WHOLE}
)
"""One of each kind of the others."""
MAIN = "from harness.cli.app import main; main()"
COMMANDS = [
    ["launch"],
    ["confirm"],
    ["import"],
    ["status"],
    ["frontier"],
    ["compare"],
    ["findings"],
    ["recommend"],
    ["coverage"],
    ["speed"],
    ["report"],
    ["export"],
    ["register"],
    ["ui"],
    ["sync"],
    ["merge"],
    ["rename"],
    ["clean"],
    ["remove"],
    ["schema"],
    ["stages"],
    ["list"],
    ["data", "fetch"],
    ["data", "prepare"],
    ["data", "splits"],
]


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_in_an_empty_folder_a_command_points_to_a_project(command, harness, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    arguments = {
        "status": [], "ui": [], "stages": [], "findings": [], "data splits": [],
        "rename": ["a", "b"], "list": ["regimes"], "schema": [],
        "import": ["anything", "--outputs", "."],
    }.get(" ".join(command), ["anything"])  # fmt: skip
    done = harness(*command, *arguments)
    free = command[0] in {"list", "schema"}
    assert done.returncode == (0 if free else 2)
    assert free or "no project, as there is no params.yaml" in done.stderr
    assert free or "`harness init DIR`" in done.stderr
    assert not list(tmp_path.iterdir())
    assert harness(*command, "--help").returncode == 0


@pytest.mark.usefixtures("project")
def test_no_message_and_no_traceback_shows_a_password(harness, monkeypatch):
    for address in ("http://me:hidden@127.0.0.1:9", "nothing://me:hidden@127.0.0.1:9"):
        done = harness("ui", "--tracking-uri", address, "--port", "1")
        assert done.returncode == 2
        assert "hidden" not in done.stdout + done.stderr
        assert "***@127.0.0.1:9" in done.stderr

    def failing(*_):
        raise RuntimeError("no database at postgresql://me:hidden@db")

    monkeypatch.setattr("harness.cli.locate.current_project", failing)
    done = harness("ui")
    assert done.returncode == 1
    assert "hidden" not in done.stderr
    assert done.stderr.endswith("RuntimeError: no database at postgresql://***@db\n")


def test_the_project_s_own_store_is_its_own_by_its_address_too(project):
    own = locate.tracking_store(None)
    assert own.artifacts == project.artifacts.relative_to(project.root)
    for address in ("", "sqlite:///results/mlflow.db", project.tracking_uri):
        assert locate.tracking_store(address) == own
    other = "sqlite:///elsewhere/mlflow.db"
    assert locate.tracking_store(other) == Store(other, None)


def test_help_imports_nothing_heavy():
    code = f"import sys; sys.argv[1:] = ['--help']\ntry: {MAIN}\nexcept SystemExit: pass\n"
    code += "print([m for m in ('torch', 'optuna', 'mlflow', 'pandas') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stdout.strip().endswith("[]")


def test_the_version_is_shown(harness):
    assert harness("--version").stdout == f"harness {version('harness')}\n"


def test_the_package_runs_as_a_module():
    done = subprocess.run(
        [sys.executable, "-m", "harness", "--version"], capture_output=True, text=True, check=True
    )
    assert done.stdout == f"harness {version('harness')}\n"


@pytest.mark.parametrize("command", [[], ["launch"], ["data"], ["data", "splits"]], ids=" ".join)
def test_h_is_help(command, harness):
    short, long = harness(*command, "-h"), harness(*command, "--help")
    assert (short.returncode, short.stdout) == (0, long.stdout)
    assert "Usage: harness" in short.stdout


def test_a_shell_can_complete(harness, monkeypatch):
    monkeypatch.setenv("_HARNESS_COMPLETE", "complete_bash")
    monkeypatch.setenv("COMP_WORDS", "harness fron")
    monkeypatch.setenv("COMP_CWORD", "1")
    assert harness().stdout.strip() == "frontier"


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_every_command_has_help_with_an_example(command, harness):
    done = harness(*command, "--help")
    assert done.returncode == 0
    assert f"harness {' '.join(command)}" in done.stdout
    assert "Example" in done.stdout


@pytest.mark.usefixtures("project")
def test_splits_are_listed_with_what_they_cost(monkeypatch, harness):
    monkeypatch.delenv("HARNESS_DATA_MIRROR", raising=False)
    fetched = harness("data", "fetch", "indian_pines")
    assert "Indian_pines_corrected.npy: canonical cube of UPV/EHU, from tensorly" in fetched.stdout
    done = harness("data", "prepare", "indian_pines-patch-spatial")
    assert "indian_pines (canonical cube of UPV/EHU); " in done.stdout
    assert "note: the test part of indian_pines-patch-spatial has no samples of " in done.stderr
    assert "samples are lost to the margin" in done.stderr
    rows = {row["split"]: row for row in json.loads(harness("data", "splits", "--json").stdout)}
    found = rows["indian_pines-patch-spatial"]
    assert (found["margin"], found["shared_pixels"]) == ("patch", 0)
    assert sum(found["by_class"]["unused"].values()) == found["unused"] > 0
    assert "Oats" in found["lacks"]["test"]
    assert rows["digits"]["train"] == 0.5
    assert harness("data", "splits").stdout.count("│ spatial │") == 4


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["launch", "none.yaml"], "error: none.yaml: no such study file"),
        (["launch", "studies/quickstart.yaml", "--set", "method=x"], "method: Input should be"),
        (["launch", "studies/quickstart.yaml", "--workers", "99"], "--workers 99: the study"),
        (["launch", "studies/quickstart.yaml", "--workers", "9", "--dry-run"], "--workers 9: the"),
        (["launch", "studies/quickstart.yaml", "--trials", "1"], "a configuration of joint"),
        (["launch", "studies/quickstart.yaml", "--set", "split=none"], "no split 'none'; known: "),
        (["launch", "studies/quickstart.yaml", "--dry-run", "--set", "split=diabetes"],
         "policy: max_softmax is not for regression; these are: "),
        (["launch", "studies/diabetes.yaml", "--set", "regimes={learned_gate: {}}", "--dry-run"],
         "regimes: learned_gate is not for regression; these are: "),
        (["launch", "studies/fashion_mnist.yaml", "--set", "backbone.name=spectral_cnn"],
         "backbone spectral_cnn reads spectra"),
        (["status"], "no study yet; try harness launch"),
        (["status", "none"], "no such study"),
        (["frontier", "none"], "no such study"),
        (["compare", "none"], "no such study"),
        (["compare", "studies/none.yaml"], "studies/none.yaml: no such study file"),
        (["compare", "studies/quickstart.yaml"],
         "error: studies/quickstart.yaml: no such study in results; none is there yet"),
        (["data", "fetch", "digits", "--mirror", "none"], "dir 'none'"),
        (["report", "none"], "no such study"),
        (["sync", "none"], "no such study"),
        (["data", "fetch", "none"], "unknown name 'none' in datasets"),
        (["data", "prepare", "none"], "no split 'none'"),
        (["data", "prepare", "fashion_mnist"], "no such file; `harness data fetch fashion_mnist`"),
        (["list", "nonsense"], "nonsense"),
        (["compare", "none", "--policies", "all"], "no such study"),
        (["compare", "none", "--policies", "margin,"], "--policies margin,: a name is empty"),
        (["compare", "none", "--policies", "margin:{"], "--policies margin:{: } is missing at"),
        (["compare", "none", "--pairs", "--calibrated"], "--pairs compares the studies' own"),
        (["coverage", "none"], "no such study"),
        (["speed", "none"], "no such study"),
        (["export", "none"], "no such study"),
        (["register", "none"], "no such study"),
        (["launch"], "Missing argument"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)  # fmt: skip
def test_bad_input_ends_with_a_message_and_code_2(
    arguments, message, project, mirror, monkeypatch, harness
):
    monkeypatch.setenv("HARNESS_DATA_MIRROR", str(mirror))
    done = harness(*arguments)
    assert done.returncode == 2
    assert message in done.stderr
    assert "Traceback" not in done.stderr
    assert not list(project.results.glob("*/trials/*"))


def test_a_study_of_another_format_hides_no_other(project, harness):
    record = record_of(MANIFEST)
    for name in ("good", "old"):
        study_record.write_study_record(project.results / name, record)
    path = project.results / "old" / "study.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"format": 2}))
    done = harness("status", "--json")
    told = (
        f"format 2, this version reads {RESULT_FORMAT}: `harness launch` the study with --restart"
    )
    found = json.loads(done.stdout)
    assert [row["study"] for row in found["studies"]] == [record.name]
    assert found["unreadable"] == [f"results/old/study.json: {told}"]
    assert told in harness("status").stderr
    alone = harness("status", "old")
    assert (alone.returncode, told in alone.stderr) == (2, True)


def test_list_names_the_tasks_of_a_plugin(harness):
    tasks = {
        row["name"]: row.get("tasks")
        for kind in ("datasets", "regimes", "policies", "selections")
        for row in json.loads(harness("list", kind, "--json").stdout)
    }
    assert tasks["joint"] == "classification, regression"
    assert tasks["distilled"] == "classification"
    assert tasks["predicted_precision"] == tasks["diabetes"] == "regression"
    assert tasks["exact_table"] is None


def test_list_json_is_an_array_with_parameters(harness):
    found = json.loads(harness("list", "regimes", "--json").stdout)
    assert [row["name"] for row in found] == list(REGIMES.names())
    assert set(found[0]) == {"name", "summary", "tasks", "parameters"}
    hard = next(row for row in found if row["name"] == "hard_cgt")
    assert hard["parameters"]["beta"]["maximum"] == 1
    for kind in ("datasets", "backbones", "policies", "selections"):
        assert json.loads(harness("list", kind, "--json").stdout)


@pytest.mark.usefixtures("project")
def test_a_plan_for_scripts(harness):
    rows = json.loads(harness("launch", "studies/quickstart.yaml", "--dry-run", "--json").stdout)
    assert sum(row["trials"] for row in rows) == 54
    refused = harness("launch", "studies/quickstart.yaml", "--json")
    assert refused.returncode == 2
    assert "--json: goes with --dry-run" in refused.stderr


def test_dry_run_shows_the_plan_and_trains_nothing(project, harness):
    done = harness("launch", "studies/quickstart.yaml", "--dry-run")
    assert done.returncode == 0
    assert "soft_cgt" in done.stdout
    assert "kappa=1.0..30.0" in done.stdout
    assert not project.results.exists()


def test_the_main_job_from_launch_to_report(project, harness):
    """Every study file runs in smoke mode elsewhere; here one goes through all commands."""
    launched = harness("launch", "studies/quickstart.yaml", "--smoke")
    assert launched.returncode == 0, launched.stderr
    name = "quickstart-smoke"
    assert f"{name}: done; 14 configurations recorded, 0 failed" in launched.stdout
    assert "18 done, 0 failed of 18 trials" in launched.stderr

    status = json.loads(harness("status", name, "--json").stdout)
    assert status["studies"][0]["trials"] == 18
    assert status["failures"] == []
    assert status["studies"][0]["tables"] == "none"
    assert "torch" in status["studies"][0]["versions"]
    indices = json.loads(harness("frontier", name, "--json").stdout)
    regimes = set(yaml.safe_load(QUICKSTART.read_text())["regimes"])
    assert {row["regime"] for row in indices} == regimes
    assert all(0 <= row["test_hypervolume"] <= 1 for row in indices)
    folder = project.results / name
    for file in ("frontier.csv", "frontier.parquet", "trials.parquet"):
        assert (folder / file).stat().st_size > 0
    # Metrics are of fresh seeds alone, see test_confirm.py.
    assert not (folder / "metrics").exists()
    assert json.loads(harness("status", name, "--json").stdout)["studies"][0]["tables"] == "current"
    compared = json.loads(harness("compare", name, "--json").stdout)
    assert next(row for row in compared if row["regime"] == "joint")["gain"] == 0
    assert "Exploratory: n = 1 searched seed." in harness("compare", name, "--json").stderr
    assert harness("compare", name, "--format", "csv").stdout.count("\n") == 8
    assert r"\toprule" in harness("compare", name, "--format", "latex").stdout
    assert "|:---" in harness("compare", name, "--pairs", "--format", "markdown").stdout
    assert "gain over joint" in harness("compare", name).stdout
    asked = ("--policies", "margin,patience", "--selection", "budgeted:{steps: 5}", "--json")
    evaluated = json.loads(harness("compare", name, *asked).stdout)
    assert {(row["policy"], row["regime"]) for row in evaluated} == {
        (policy, regime) for policy in ("margin", "patience") for regime in regimes
    }
    for axis in ("parameters", "latency", "throughput"):
        assert len(json.loads(harness("compare", name, "--cost", axis, "--json").stdout)) == 7
    covered = json.loads(harness("coverage", name, "--alpha", "0.2", "--json").stdout)
    assert {row["sets"] for row in covered} == {"conformal", "nested", "anytime"}
    speeds = json.loads(harness("speed", name, "--json").stdout)
    assert all(row["samples_per_second"] > 0 for row in speeds)
    assert harness("report", name).returncode == 0
    for file in ("pareto.html", "pareto.png"):
        assert (folder / file).stat().st_size > 0
    page = (folder / "report.html").read_text()
    assert '<section id="frontiers"' in page
    assert len(page) < 6e6


@pytest.mark.job
def test_tables_of_fewer_trials_are_refused_until_the_stage_runs_again(tracked, harness):
    """A launch with more trials, then one with another seed: no command shows the old tables."""
    fields = (
        "name=small",
        "training.epochs=1",
        "training.limit=64",
        "regimes={joint: {}, single_exit: {}}",
    )
    small = (part for field in fields for part in ("--set", field))
    base = ("launch", "studies/quickstart.yaml", *small)
    readers = (["compare"], ["compare", "--pairs"], ["report", "--no-log"], ["export", "--no-log"],
               ["coverage"], ["register"], ["speed"])  # fmt: skip

    def refused(message):
        for command, *options in readers:
            done = harness(command, "small", *options)
            assert (done.returncode, "run `harness frontier small`" in done.stderr) == (2, True)
            assert message in done.stderr
        shown = harness("status", "small").stdout
        assert "outdated" in shown
        assert message in shown

    assert harness(*base, "--trials", 4, "--set", "seeds=[0]").returncode == 0
    assert harness("frontier", "small", "--no-log").returncode == 0
    assert harness("compare", "small").returncode == 0
    assert harness(*base, "--trials", 8, "--set", "seeds=[0]").returncode == 0
    refused("8 trials are recorded, the tables are of 4")
    assert harness("frontier", "small", "--no-log").returncode == 0
    more = (*base, "--trials", 8, "--set", "seeds=[0, 1]")
    assert harness(*more, "--restart", "--yes").returncode == 0
    refused("the tables are out of date: the study changed (seeds)")
    assert harness("frontier", "small", "--no-log").returncode == 0
    assert "n = 2 searched seeds" in harness("compare", "small").stdout
    assert list((tracked.results / "small" / "trials").iterdir())


@pytest.mark.job
def test_a_regression_from_launch_to_report(tracked, harness):
    launched = harness("launch", "studies/diabetes.yaml", "--smoke")
    assert launched.returncode == 0, launched.stderr
    name = "diabetes-smoke"
    assert f"{name}: done; 16 configurations recorded, 0 failed" in launched.stdout
    indices = json.loads(harness("frontier", name, "--json").stdout)
    record = json.loads((tracked.results / name / "study.json").read_text())
    scale = record["reference"]["rmse"]
    assert 60 < scale < 90
    for row in indices:
        expected = scale * (1 - row["test_best_r2"]) ** 0.5
        assert row["test_best_rmse"] == pytest.approx(expected)
    assert "RMSE at 25%" in harness("frontier", name).stdout
    compared = json.loads(harness("compare", name, "--policies", "all", "--json").stdout)
    assert {row["policy"] for row in compared} == {"predicted_precision"}
    assert {"test_rmse_at_25", "test_best_rmse"} <= set(compared[0])
    assert harness("report", name).returncode == 0
    page = (tracked.results / name / "report.html").read_text()
    assert "R² against cost" in page
    assert "whose RMSE is" in page


@pytest.mark.job
@pytest.mark.parametrize("study", OTHER_STUDIES)
def test_the_other_studies_run_in_smoke_mode(study, tracked, request, harness):
    """Two regimes of each, the second of two phases, in a network as narrow as can be."""
    file = tracked.root / "studies" / f"{study}.yaml"
    plain = yaml.safe_load(file.read_text())
    regimes = plain["regimes"]
    kept = [name for name in ("hard_cgt", "disjoint") if name in regimes] or list(regimes)[:2]
    plain["regimes"] = {name: regimes[name] for name in kept}
    plain.pop("baseline", None)
    parameters = plain["backbone"].get("parameters", {})
    if isinstance(parameters.get("widths"), list):
        parameters["widths"] = [4] * len(parameters["widths"])
    file.write_text(yaml.safe_dump(plain))
    splits = yaml.safe_load(tracked.splits.read_text())
    split = splits["splits"][plain["split"]]
    split["validation"] = VALIDATION.get(split["dataset"], split["validation"])
    tracked.splits.write_text(yaml.safe_dump(splits))
    of_files = split["dataset"] == "fashion_mnist"
    mirror = ("--mirror", request.getfixturevalue("mirror")) if of_files else ()
    done = harness("launch", file, "--smoke", *mirror)
    assert done.returncode == 0, done.stderr
    planned = len(plan(smoke(read_study(file))))
    assert f"{study}-smoke: done; {planned} configurations recorded, 0 failed" in done.stdout
