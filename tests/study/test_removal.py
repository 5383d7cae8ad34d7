"""A removed study is gone whole, and no other is touched."""

import pytest

from harness.core.errors import InputError
from harness.results.confirmation import confirmation_folder
from harness.results.launch_lock import only_launch
from harness.results.sizes import size_of
from harness.results.study_record import JOURNAL
from harness.study.journal import Journal
from harness.study.removal import plan_removal, remove_study
from harness.study.storages.held import held_storage
from tests.made_up import MANIFEST
from tests.records import record_of


def test_the_folder_goes_and_nothing_else(own_confirmed):
    folder, results = own_confirmed.folder, own_confirmed.project.results
    (results / "a+tiny.html").touch()
    (results / "tiny2+b.html").touch()
    others = {path.name for path in results.iterdir()} - {"tiny"}
    plan = plan_removal(folder)
    assert plan.trials == 4 + len(own_confirmed.record.configurations) * 3
    assert plan.size == pytest.approx(size_of(folder), abs=500)
    assert (plan.logged, plan.elsewhere) == (True, False)
    assert plan.pages == (results / "a+tiny.html",)
    remove_study(folder)
    assert {path.name for path in results.iterdir()} == others


def test_a_study_that_is_held_is_refused(own_confirmed):
    folder = own_confirmed.folder
    for held in (folder, confirmation_folder(folder)):
        with only_launch(held):
            for command in (plan_removal, remove_study):
                with pytest.raises(InputError, match="another launch of this study is running"):
                    command(folder)
    assert (folder / "study.json").is_file()


def test_a_database_keeps_no_trace(tmp_path, database):
    folder = tmp_path / "made-up"
    folder.mkdir()
    record = record_of(MANIFEST)
    with held_storage(database.url, folder, lambda: None) as storage:
        Journal(folder, record, storage)
    assert database.ask("SELECT 1 FROM studies")
    remove_study(folder, database.url)
    assert not database.ask("SELECT 1 FROM studies")
    assert not folder.exists()


def test_a_database_that_does_not_answer_deletes_nothing(own_confirmed):
    with pytest.raises(InputError, match=r"--storage postgresql://127.0.0.1:1/none"):
        remove_study(own_confirmed.folder, "postgresql+psycopg://127.0.0.1:1/none")
    assert (own_confirmed.folder / JOURNAL).is_file()
