"""A renamed study is the same study under another name, in all that the name is part of."""

import json

import pytest

from harness.core.errors import InputError
from harness.results.confirmation import confirmation_folder, read_confirmed
from harness.results.launch_lock import HOLDER, only_launch
from harness.results.stamp import outdated
from harness.results.study_record import JOURNAL, RECORD, read_study_record
from harness.results.tables import read_frontier, read_seeds
from harness.results.trials import stored_keys
from harness.study.journal import recorded_study
from harness.study.rename import rename_study
from harness.study.run import LaunchOptions, run_study
from harness.study.storages.journal_file import JournalFile
from harness.study.study_file import read_study
from harness.tracking.store import Store
from tests.in_process import InProcess


def test_all_that_the_name_is_part_of_follows(own_confirmed):
    old = own_confirmed.folder
    before, keys = read_study_record(old), stored_keys(old)
    table, seeds = read_frontier(old), read_seeds(confirmation_folder(old))
    (old / "report.html").touch()
    (old / "export").mkdir()
    found = rename_study(old, "other")
    new = own_confirmed.project.results / "other"
    assert (found.folder, found.redrawn, found.logged, found.goes_on) == (new, True, True, False)
    assert found.exported == (new / "export",)
    assert not old.exists()
    assert not (new / "report.html").exists()
    assert not (new / HOLDER).exists()
    record = read_study_record(new)
    assert record.name == "other"
    assert record.configurations == before.configurations
    assert stored_keys(new) == keys
    assert outdated(new, record) == ""
    assert read_frontier(new).equals(table)
    fresh = read_confirmed(new)
    assert (fresh.name, fresh.configurations) == ("other", own_confirmed.record.configurations)
    assert read_seeds(confirmation_folder(new)).equals(seeds)
    journal = JournalFile(new / JOURNAL)
    assert recorded_study(journal).identity == record.identity()
    assert "tiny" not in (new / JOURNAL).read_text()


def test_a_launch_goes_on_under_the_new_name(own_confirmed, monkeypatch, caplog):
    project = own_confirmed.project
    rename_study(own_confirmed.folder, "other")
    keys = stored_keys(project.results / "other")
    study = read_study(project.studies / "tiny.yaml", ["name=other", "run_cap=5"])
    monkeypatch.setattr("harness.study.run.Loky", InProcess)
    store = Store(project.tracking_uri, project.artifacts)
    manifest = own_confirmed.search.manifest
    done = run_study(project, study, manifest, LaunchOptions(), store, lambda _: None).record
    assert done.state == "done"
    assert done.configurations[:4] == own_confirmed.search.configurations
    assert set(keys) < set(stored_keys(project.results / "other"))
    assert "made anew" not in caplog.text


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("tiny", "tiny: the study has this name already"),
        ("taken", "results/taken: exists; choose another name, or `harness remove taken`"),
        ("a/b", "NEW: name: String should match pattern"),
        ("mlflow.db", "taken by MLflow's store"),
        ("x.yaml", "would be taken for a study file"),
    ],
)
def test_a_name_that_may_not_be_is_refused(own_confirmed, name, message):
    (own_confirmed.project.results / "taken").mkdir()
    with pytest.raises(InputError, match=message):
        rename_study(own_confirmed.folder, name)
    assert read_study_record(own_confirmed.folder).name == "tiny"


def test_a_study_that_is_held_is_refused(own_confirmed):
    for held in (own_confirmed.folder, confirmation_folder(own_confirmed.folder)):
        with only_launch(held), pytest.raises(InputError, match="another launch of this study"):
            rename_study(own_confirmed.folder, "other")
    assert own_confirmed.folder.is_dir()


def test_what_was_cut_off_is_brought_to_its_end(own_confirmed):
    moved = own_confirmed.folder.with_name("other")
    own_confirmed.folder.rename(moved)
    assert rename_study(moved, "other").folder == moved
    assert json.loads((moved / RECORD).read_text())["spec"]["name"] == "other"
    assert read_confirmed(moved).name == "other"
