"""`dvc metrics` and `dvc plots` between two git revisions, with the repository's own dvc.yaml."""

import json
import shutil
import subprocess
import sys

import pytest

from harness.analysis.comparison import regime_table
from harness.analysis.frontier_stage import write_frontier
from harness.analysis.pairs import seed_tables
from harness.report.stage import write_pictures
from harness.results.tables import read_frontier
from tests.conftest import REPOSITORY
from tests.made_up import make_confirmation

STUDY = "results/quickstart"
FRONTIER, PICTURE = (f"{STUDY}/{name}" for name in ("frontier.csv", "pareto.png"))
METRICS = f"{STUDY}/confirmation/metrics"


@pytest.fixture
def run(tmp_path, folder):
    """Runs a command in a project whose study is the made-up one, confirmed, committed to git."""
    project = tmp_path / "project"
    shutil.copytree(REPOSITORY / ".dvc" / "plots", project / ".dvc" / "plots")
    for file in (".dvc/config", "dvc.yaml", "dvc.vars.yaml", "params.yaml"):
        shutil.copy(REPOSITORY / file, project / file)
    confirmation = make_confirmation(folder)
    record, _ = write_frontier(folder)
    write_pictures(record, folder, folder)
    (project / STUDY).mkdir(parents=True)
    for name in ("frontier.csv", "pareto.png"):
        shutil.copy(folder / name, project / STUDY)
    shutil.copytree(confirmation / "metrics", project / METRICS)

    def command(*arguments):
        done = subprocess.run(arguments, cwd=project, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def dvc(*arguments):
        return json.loads(command(sys.executable, "-m", "dvc", *arguments, "--json"))

    def commit():
        who = ("-c", "user.name=harness", "-c", "user.email=harness@example.invalid")
        command("git", "add", "--all")
        command("git", *who, "commit", "--quiet", "--message", "frontiers")

    command("git", "init", "--quiet")
    commit()
    return project, dvc, commit


def test_metrics_have_a_row_per_regime_and_tell_what_changed(run, folder):
    project, dvc, commit = run
    shown = dvc("metrics", "show", METRICS)[""]["data"]
    compared = regime_table(seed_tables(folder)).set_index("regime")
    assert set(shown) == {f"{METRICS}/{regime}.json" for regime in compared.index}
    for regime, row in compared.iterrows():
        figures = shown[f"{METRICS}/{regime}.json"]["data"]
        assert figures == pytest.approx({name: row[name] for name in figures})
        assert {"hypervolume", "gain", "accuracy_at_50"} <= set(figures)

    file = project / METRICS / "joint.json"
    known = json.loads(file.read_text())
    file.write_text(json.dumps({**known, "hypervolume": known["hypervolume"] + 0.25}))
    commit()
    changed = dvc("metrics", "diff", "HEAD~1", "HEAD", "--targets", METRICS)
    assert set(changed) == {f"{METRICS}/joint.json"}
    (metric,) = changed[f"{METRICS}/joint.json"].items()
    assert metric[0] == "hypervolume"
    assert metric[1]["diff"] == pytest.approx(0.25)


def test_plots_have_the_frontiers_and_the_picture_of_both_revisions(run, folder):
    project, dvc, commit = run
    frame = read_frontier(folder)
    frame.assign(test_accuracy=frame["test_accuracy"] / 2).to_csv(project / FRONTIER, index=False)
    (project / PICTURE).write_bytes((project / PICTURE).read_bytes() + b"\0")
    commit()
    shown = dvc("plots", "diff", "HEAD~1", "HEAD", "--targets", FRONTIER, PICTURE)["data"]
    (plot,) = shown[FRONTIER]
    content = plot["content"]
    assert content["encoding"]["x"]["field"] == "test_cost"
    assert content["encoding"]["color"]["field"] == "regime"
    points = content["data"]["values"]
    for rev, scale in (("HEAD~1", 1), ("HEAD", 0.5)):
        found = [p for p in points if p["rev"] == rev]
        assert [p["regime"] for p in found] == list(frame["regime"])
        assert [float(p["test_accuracy"]) for p in found] == pytest.approx(
            list(scale * frame["test_accuracy"])
        )
    assert {tuple(picture["revisions"]) for picture in shown[PICTURE]} == {("HEAD~1",), ("HEAD",)}
