"""A clone: what git holds of a study, without the outputs of its trials."""

import json
import re
import shutil
import subprocess

import pandas as pd
import pytest
import yaml

import harness as api
from harness.analysis.recommend import recommendation
from harness.core.errors import InputError
from harness.core.files import discard
from harness.results.recommendation import Goal
from tests.conftest import REPOSITORY

SENTENCE = (
    "the outputs of the trials of tiny are not in git; `dvc repro frontier@tiny` (or `harness "
    "launch studies/tiny.yaml --confirm`) trains them again, seconds"
)
STAGES = yaml.safe_load((REPOSITORY / "dvc.yaml").read_text(encoding="utf-8"))["stages"]


def kept(name):
    """The files and folders of a study's results that DVC leaves to git."""
    declared = [each for stage in STAGES.values() for each in stage["do"].get("outs", [])]
    for kind in ("metrics", "plots"):
        declared += [each for stage in STAGES.values() for each in stage["do"].get(kind, [])]
    in_git = [each for each in declared if not isinstance(each, str)]
    return {
        path.replace("${key}", name)
        for each in in_git
        for path, how in each.items()
        if how.get("cache") is False
    }


def stripped(study):
    """Leave of a study and its project what git holds alone."""
    root, name = study.project.root, study.record.name
    shutil.copy(REPOSITORY / "dvc.yaml", root)
    tracked = {root / path for path in kept(name)}
    for path in sorted(study.folder.rglob("*"), reverse=True):
        if not any(path.is_relative_to(each) or each.is_relative_to(path) for each in tracked):
            discard(path)
    for path in (study.project.raw, study.project.prepared, study.project.results / "mlflow.db"):
        discard(path)
    assert not list(root.rglob("trials"))
    return study


@pytest.fixture
def clone(own_confirmed):
    """The confirmed study in a project of its own, with the files that git holds alone."""
    return stripped(own_confirmed)


def both(confirmed_study, monkeypatch, harness, *arguments):
    """What a command prints where the outputs are."""
    with monkeypatch.context() as patched:
        patched.chdir(confirmed_study.project.root)
        done = harness(*arguments)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize(
    "arguments",
    [
        ("compare", "tiny"),
        ("compare", "tiny", "--json"),
        ("compare", "tiny", "--pairs", "--format", "csv"),
        ("compare", "tiny", "--format", "latex"),
        ("recommend", "tiny", "--cost", "0.8", "--json"),
        ("recommend", "tiny", "--accuracy", "0.5", "--json"),
        ("recommend", "tiny", "--accuracy", "0.01", "--policy", "max_softmax", "--json"),
        ("frontier", "tiny", "--json", "--no-log"),
    ],
)
def test_a_clone_says_what_is_said_where_the_outputs_are(
    clone, confirmed_study, monkeypatch, harness, arguments
):
    expected = both(confirmed_study, monkeypatch, harness, *arguments)
    before = {path: path.read_bytes() for path in clone.folder.rglob("*") if path.is_file()}
    done = harness(*arguments)
    assert done.returncode == 0, done.stderr
    assert done.stdout == expected
    after = {path: path.read_bytes() for path in clone.folder.rglob("*") if path.is_file()}
    assert after == before
    if arguments[0] == "frontier":
        assert "are current, and stay as they are" in done.stderr
        assert f"note: {SENTENCE}" in done.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ("compare", "tiny", "--policies", "entropy"),
        ("compare", "tiny", "--policies", "all"),
        ("compare", "tiny", "--selection", "budgeted"),
        ("compare", "tiny", "--calibrated"),
        ("compare", "tiny", "--cost", "parameters"),
        ("compare", "tiny", "--cost", "latency"),
        ("coverage", "tiny"),
        ("recommend", "tiny", "--cost", "0.43"),
        ("recommend", "tiny", "--cost", "0.8", "--policy", "margin"),
        ("recommend", "tiny", "--cost", "0.8", "--regime", "mixed"),
        ("recommend", "tiny", "--cost", "0.8", "--axis", "latency"),
        ("recommend", "tiny", "--accuracy", "0.505"),
        ("export", "tiny", "--cost", "0.8"),
    ],
)
@pytest.mark.usefixtures("clone")
def test_what_needs_the_outputs_says_how_they_are_trained_again(harness, arguments):
    done = harness(*arguments)
    assert done.returncode == 2
    assert done.stderr.rstrip().endswith(SENTENCE)
    if arguments[0] == "recommend":
        assert (
            "kept is what is recommended, of all regimes, for --cost 0.05, 0.1, .. 1 and for"
            in (done.stderr)
        )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--cost", "0.05"), "that cheap with every seed; the least budget of those kept is 0."),
        (("--accuracy", "1"), "the most of those kept that one reaches is 0."),
    ],
)
@pytest.mark.usefixtures("clone")
def test_what_nothing_meets_is_said_of_what_is_kept(harness, arguments, message):
    done = harness("recommend", "tiny", *arguments)
    assert done.returncode == 2
    assert message in done.stderr


def test_what_is_recommended_to_people_says_what_an_export_needs(clone, harness):
    done = harness("recommend", "tiny", "--cost", "0.8")
    assert done.stdout.splitlines()[-1] == f"to export it: {SENTENCE}"
    assert clone.folder.is_dir()


def test_the_report_leaves_out_what_is_drawn_sample_by_sample_and_says_so(own_confirmed, harness):
    assert harness("report", "tiny", "--no-log").returncode == 0
    whole = (own_confirmed.folder / "report.html").read_text(encoding="utf-8")
    assert "Left out are" not in whole
    clone = stripped(own_confirmed)
    picture = (clone.folder / "pareto.png").read_bytes()
    done = harness("report", "tiny")
    assert (done.returncode, done.stderr.count("not shown in MLflow")) == (0, 0)
    page = (clone.folder / "report.html").read_text(encoding="utf-8")
    assert "Left out are maps of a scene and easy and hard images" in page
    assert "<code>dvc repro frontier@tiny</code>" in page
    sections = re.findall(r'<section id="(\w+)"', page)
    assert [name for name in re.findall(r'<section id="(\w+)"', whole) if name != "gallery"] == (
        sections
    )
    assert {"routing", "reliability", "classes"} <= set(sections)
    assert (clone.folder / "pareto.png").read_bytes() == picture
    assert not (clone.project.results / "mlflow.db").exists()


def test_in_python_a_study_is_the_same_but_for_its_outputs(clone, confirmed_study):
    whole = api.load_study("tiny", confirmed_study.project.root)
    study = api.load_study("tiny", clone.project.root)
    for name in ("trials", "frontier", "seeds"):
        pd.testing.assert_frame_equal(getattr(study, name), getattr(whole, name), check_dtype=False)
    pd.testing.assert_frame_equal(study.evaluate(), pd.read_csv(clone.folder / "indices.csv"))
    pd.testing.assert_frame_equal(study.compare().numbers, whole.compare().numbers)
    assert study.recommend(cost=0.8) == whole.recommend(cost=0.8)
    assert study.figure("frontiers").data
    assert study.figure("routing").axes
    assert study.state.tables == "current"
    with pytest.raises(InputError) as raised:
        study.curves  # noqa: B018
    assert str(raised.value) == SENTENCE
    for key in whole.trials["key"]:
        with pytest.raises(InputError) as raised:
            study.outputs(key)
        assert str(raised.value) == SENTENCE
    with pytest.raises(InputError, match="trial 'none': none of this key in"):
        study.outputs("none")


def test_stale_tables_are_refused_with_how_the_trials_are_trained_again(clone, harness):
    path = clone.folder / "confirmation" / "tables.json"
    stamp = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps({**stamp, "code": "other"}), encoding="utf-8")
    for command in ("compare", "frontier", "report"):
        done = harness(command, "tiny")
        assert done.returncode == 2
        assert "the code that makes them changed; run `harness frontier tiny` once its trials" in (
            done.stderr
        )
        assert done.stderr.rstrip().endswith(SENTENCE)


def test_what_is_kept_for_a_score_is_what_is_recommended_for_it(confirmed_study):
    from harness.results.recommendation import read_recommendations

    found = read_recommendations(confirmed_study.folder / "confirmation")
    assert len(found.scores) == len(found.reached) > 2
    for score, each in list(zip(found.scores, found.reached, strict=True))[::3]:
        assert each == recommendation(confirmed_study.folder, Goal(score=score))[1]
    with pytest.raises(InputError, match="no configuration reaches it with every seed"):
        recommendation(confirmed_study.folder, Goal(score=round(found.scores[-1] + 0.01, 2)))


def tracked(*patterns):
    done = subprocess.run(
        ["git", "ls-files", *patterns], cwd=REPOSITORY, capture_output=True, text=True, check=True
    )
    return done.stdout.split()


SHIPPED = sorted({path.split("/")[1] for path in tracked("results/*/study.json")})
SPATIAL = "cgt_spatial_patch"
"""Of the studies of docs/findings.md, whose splits and sizes alone differ: classes lack samples."""
REPORTED = [name for name in SHIPPED if not name.startswith("cgt_") or name == SPATIAL]


@pytest.fixture(scope="module")
def checkout(tmp_path_factory):
    """The files of results and studies that git holds, as in a fresh clone."""
    root = tmp_path_factory.mktemp("checkout")
    for path in tracked("results", "studies", "params.yaml", "dvc.yaml", "dvc.vars.yaml"):
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(REPOSITORY / path, root / path)
    return root


@pytest.mark.parametrize("name", SHIPPED)
def test_a_fresh_clone_compares_and_recommends(checkout, monkeypatch, harness, name):
    monkeypatch.chdir(checkout)
    for arguments in (("frontier", name), ("recommend", name, "--cost", "0.5")):
        done = harness(*arguments)
        assert done.returncode == 0, done.stderr
    compared = {row["regime"]: row for row in json.loads(harness("compare", name, "--json").stdout)}
    for path in (checkout / "results" / name / "confirmation" / "metrics").iterdir():
        figures = json.loads(path.read_text(encoding="utf-8"))
        row = compared[path.stem]
        assert {key: row[key] for key in figures} == pytest.approx(figures)


def test_a_fresh_clone_compares_several_studies(checkout, monkeypatch, harness):
    monkeypatch.chdir(checkout)
    done = harness("compare", *SHIPPED, "--pairs")
    assert done.returncode == 0, done.stderr


@pytest.mark.job
@pytest.mark.parametrize("names", [*((name,) for name in REPORTED), tuple(REPORTED)], ids="+".join)
def test_a_fresh_clone_reports(checkout, monkeypatch, harness, names):
    monkeypatch.chdir(checkout)
    done = harness("report", *names)
    assert done.returncode == 0, done.stderr
    page = f"{'+'.join(names)}.html" if len(names) > 1 else f"{names[0]}/report.html"
    assert (checkout / "results" / page).is_file()


FINE = {"cgt_spatial_spectrum": 2_700_000, "cgt_spectrum_10": 2_400_000}
"""Bounds of studies with more points: spatial splits of unequal sizes; nine regimes, 16 seeds."""


def size_of(*patterns):
    files = [REPOSITORY / path for path in tracked(*patterns) if not path.endswith(".png")]
    return sum(file.stat().st_size for file in files)


def test_the_tables_of_all_shipped_studies_stay_small():
    """Each by itself, and together; those of findings, which are many, have a bound of theirs."""
    found = [name for name in SHIPPED if name.startswith("cgt_")]
    others = [f"results/{name}" for name in SHIPPED if name not in found]
    assert size_of(*others) < 8_000_000
    assert size_of(*(f"results/{name}" for name in found)) < 1_500_000 * len(found)
    for name in SHIPPED:
        assert size_of(f"results/{name}") < FINE.get(name, 2_000_000), name
    assert size_of("results/findings.json") < 250_000 * len(found)
