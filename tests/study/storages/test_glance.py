"""What a database holds of a study is read without holding it, and without a trace."""

import subprocess
import sys

import pytest

from harness.core.errors import DataError, InputError
from harness.results.study_record import JOURNAL
from harness.study.journal import Journal, recorded_study
from harness.study.resume import differences
from harness.study.storages.glance import glance
from harness.study.storages.held import held_storage
from harness.study.storages.journal_file import JournalFile
from tests.made_up import MANIFEST
from tests.records import record_of

RECORD = record_of(MANIFEST, name="tiny")
HOLDER = """
import sys, time
from harness.study.storages.postgresql import held_database
with held_database(sys.argv[1], "tiny", lambda: None):
    print("held", flush=True)
    time.sleep(600)
"""


def test_without_an_address_it_is_the_folder_s_journal(tmp_path):
    found = glance(None, tmp_path)
    assert isinstance(found, JournalFile)
    assert found.path == tmp_path / JOURNAL
    assert not found.exists()


def test_a_database_says_what_study_it_holds(tmp_path, database):
    folder = tmp_path / "tiny"
    folder.mkdir()
    with pytest.raises(DataError, match="no such study in this database"):
        glance(database.url, folder).read()
    with held_storage(database.url, folder, lambda: None) as storage:
        Journal(folder, RECORD, storage)
    found = glance(database.url, folder)
    assert found.shared
    assert recorded_study(found).identity == RECORD.identity()
    assert differences(folder, RECORD, found) == ("", "")
    other = record_of(MANIFEST, name="tiny", seeds=[5])
    here, elsewhere = differences(folder, other, found)
    assert (here, "+- 5" in elsewhere) == ("", True)


def test_a_study_that_a_launch_holds_is_refused(tmp_path, database):
    command = [sys.executable, "-c", HOLDER, database.url]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as holder:
        assert holder.stdout.readline() == b"held\n"
        told = rf"launch of study tiny is running \(process {holder.pid}"
        with pytest.raises(InputError, match=told):
            glance(database.url, tmp_path / "tiny")
        glance(database.url, tmp_path / "other")
        holder.kill()


def test_a_database_out_of_reach_is_said_without_its_password(tmp_path):
    address = "postgresql+psycopg://me:hidden@127.0.0.1:1/none"
    with pytest.raises(InputError, match=r"--storage postgresql://127.0.0.1:1/none: ") as caught:
        glance(address, tmp_path)
    assert "hidden" not in str(caught.value)
