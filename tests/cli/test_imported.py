"""`harness import`, and every other command on what it makes."""

import json

import pytest

from tests.study.imported.outputs import network, write, write_study

REFUSED = [
    (["export", "mine"], "an export"),
    (["export", "mine", "--cost", "0.9"], "an export"),
    (["register", "mine"], "an export"),
    (["speed", "mine"], "a measurement of speed"),
    (["compare", "mine", "--cost", "latency"], "--cost latency"),
    (["recommend", "mine", "--cost", "0.9", "--axis", "throughput"], "--cost throughput"),
    (["confirm", "mine", "--dry-run"], "a confirmation"),
]


@pytest.fixture
def evaluated(tracked, harness):
    write_study(tracked.root / "outputs", calibration=True)
    arguments = [
        "--outputs",
        "outputs",
        "--fresh",
        "all",
        "--classes",
        "a,b,c",
        "--data",
        "made-up",
    ]
    done = harness("import", "mine", *arguments)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(
        "mine: 18 networks; 18 added, 0 replaced, 0 as they were. Results in results/mine\n"
    )
    assert harness("frontier", "mine").returncode == 0
    return tracked


def test_it_is_a_study_like_any_other(evaluated, harness):
    (row,) = json.loads(harness("status", "mine", "--json").stdout)["studies"]
    assert (row["state"], row["trials"], row["planned"]) == ("done", 18, 18)
    assert (row["tables"], row["fresh_seeds"]) == ("current", "done")
    assert row["data"] == "made-up (imported outputs)"
    table = json.loads(harness("compare", "mine", "--json").stdout)
    assert {each["regime"] for each in table} == {"joint", "own_way"}
    every = harness("compare", "mine", "--policies", "all", "--selection", "risk_control")
    assert every.returncode == 0, every.stderr
    said = harness("recommend", "mine", "--cost", "0.9")
    assert "configuration " in said.stdout
    assert ": name " in said.stdout
    assert "export it" not in said.stdout
    sets = harness("coverage", "mine")
    assert "The coverage of conformal and nested sets is guaranteed" in sets.stderr
    page = harness("report", "mine")
    assert page.returncode == 0, page.stderr
    assert "MLflow" not in page.stderr
    assert (evaluated.results / "mine" / "report.html").is_file()
    logged = harness("sync", "mine")
    assert logged.stdout == "mine: 36 trials logged\n"


def test_what_needs_the_networks_is_refused_in_a_sentence(evaluated, harness):
    for arguments, what in REFUSED:
        done = harness(*arguments)
        assert (done.returncode, "Traceback" in done.stderr) == (2, False)
        assert f"study mine: imported by `harness import`; {what} needs the networks th" in (
            done.stderr
        )
    file = evaluated.studies / "quickstart.yaml"
    for more in ([], ["--restart"]):
        done = harness("launch", file, "--set", "name=mine", "--device", "cpu", *more)
        assert done.returncode == 2
        assert "study mine: imported by `harness import`; a launch needs" in done.stderr
    assert harness("compare", "mine").returncode == 0


@pytest.mark.usefixtures("project")
def test_imported_again_it_says_what_it_did(harness, project):
    write_study(project.root / "outputs", seeds=(0,))
    harness("import", "mine", "--outputs", "outputs")
    write(project.root / "outputs", "third", "a", 4, exits=2)
    write(project.root / "outputs", "joint", "a", 0, exits=2, strength=2.0)
    refused = harness("import", "mine", "--outputs", "outputs")
    assert refused.returncode == 2
    assert "outputs/joint/a/0.npz: other outputs than results/mine holds" in refused.stderr
    done = harness("import", "mine", "--outputs", "outputs", "--replace", "--json")
    found = json.loads(done.stdout)
    assert {name: found[name] for name in ("networks", "added", "replaced", "unchanged")} == {
        "networks": 4, "added": 1, "replaced": 1, "unchanged": 2,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--outputs", "none"], "none: no such folder; it holds REGIME/CONFIGURATION/SEED.npz"),
        (["--outputs", "outputs", "--fresh", "x"], "--fresh x: write `all`, or whole numbers"),
        (["--outputs", "outputs", "--baseline", "x"], "baseline: x is not one of the regimes"),
        (["--outputs", "outputs", "--classes", "a,"], "--classes a,: a name is empty"),
        (["--outputs", "broken"], "broken/r/c/0.npz: test_labels: a whole number per sample, [50]"),
        (
            ["--outputs", "said"],
            "said/import.yaml: baselin: no such field; did you mean 'baseline'?",
        ),
    ],
)
def test_bad_input_ends_with_code_2(project, harness, arguments, message):
    write_study(project.root / "outputs", seeds=(0,))
    write(project.root / "broken", "r", "c", 0, test_labels=network()["test_labels"][1:])
    write_study(project.root / "said", seeds=(0,))
    (project.root / "said" / "import.yaml").write_text("baselin: joint\n")
    done = harness("import", "mine", *arguments)
    assert (done.returncode, "Traceback" in done.stderr) == (2, False)
    assert message in done.stderr
    assert not (project.results / "mine").exists()
