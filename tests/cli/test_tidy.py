"""`harness rename`, `clean` and `remove` as a user meets them."""

import json

import pytest

from harness.results import trials
from harness.results.cleaning import is_cleaned
from harness.results.study_record import JOURNAL
from harness.results.tables import read_frontier


def test_rename_says_what_cannot_follow(harness, own_confirmed):
    done = harness("rename", "tiny", "other")
    assert done.returncode == 0
    assert "database" not in done.stdout
    assert "tiny is now other: results/other" in done.stdout
    assert "write `name: other` in studies/tiny.yaml" in done.stdout
    assert "MLflow's experiment tiny, its runs and its registered model keep" in done.stdout
    for command in (["compare", "other"], ["recommend", "other", "--cost", "0.9"]):
        assert harness(*command).returncode == 0
    assert "no such study" in harness("compare", "tiny").stderr
    refused = harness("rename", "other", "mlflow.db")
    assert (refused.returncode, "MLflow" in refused.stderr) == (2, True)
    (own_confirmed.project.results / "other" / JOURNAL).unlink()
    again = harness("rename", "other", "third")
    assert "proposals that are kept in a database stay there as other" in again.stdout


@pytest.mark.usefixtures("own_confirmed")
def test_remove_asks_and_says_what_stays(harness):
    asked = harness("remove", "tiny")
    assert (asked.returncode, "add --yes" in asked.stderr) == (2, True)
    assert "  in MLflow, experiment tiny with its runs" in asked.stderr
    done = harness("remove", "tiny", "--yes")
    assert (done.returncode, "tiny: deleted, " in done.stdout) == (0, True)
    assert "no such study" in harness("remove", "tiny", "--yes").stderr


def test_clean_frees_and_every_other_command_goes_on(own_confirmed, harness, monkeypatch):
    folder = own_confirmed.folder
    dry = harness("clean", "tiny", "--dry-run", "--json")
    assert (dry.returncode, json.loads(dry.stdout)["cleaned_before"]) == (0, 0)
    asked = harness("clean", "tiny")
    assert (asked.returncode, "on no frontier" in asked.stderr) == (2, True)
    cleaned = json.loads(dry.stdout)["trials"]
    assert cleaned == 4 - read_frontier(folder)["key"].nunique() > 0
    compared = harness("compare", "tiny", "--json").stdout
    assert harness("clean", "tiny", "--yes").returncode == 0
    assert sum(is_cleaned(folder, key) for key in trials.stored_keys(folder)) == cleaned
    assert harness("frontier", "tiny", "--no-log").returncode == 0
    assert harness("compare", "tiny", "--json").stdout == compared
    for command in (
        ["recommend", "tiny", "--cost", "0.9"],
        ["speed", "tiny"],
        ["export", "tiny", "--no-log"],
    ):
        done = harness(*command)
        assert done.returncode == 0, done.stderr
    # A launch trains nothing: there is no worker that could.
    monkeypatch.delattr("harness.study.executors.loky.ProcessPoolExecutor")
    again = harness("launch", "studies/tiny.yaml")
    assert (again.returncode, "training them anew" in again.stderr) == (0, False)


def test_a_network_whose_weights_are_gone_is_refused_in_words(own_confirmed, harness, monkeypatch):
    monkeypatch.setattr(
        "harness.results.cleaning.read_frontier", lambda f: read_frontier(f).iloc[:0]
    )
    assert harness("clean", "tiny", "--yes").returncode == 0
    for command in (["speed", "tiny"], ["export", "tiny", "--no-log"], ["register", "tiny"]):
        done = harness(*command)
        assert done.returncode == 2
        assert "were deleted by `harness clean`; to get them back, delete the folder" in done.stderr
    assert own_confirmed.folder.is_dir()
