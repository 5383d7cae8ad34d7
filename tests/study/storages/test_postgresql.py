"""A study in a PostgreSQL database: damaged, cut off, held by another launch, shared by name."""

import subprocess
import sys

import pytest

from harness.core.errors import HarnessError, InputError
from harness.results.study_record import JOURNAL, write_study_record
from harness.study.interrupt import Stopped
from harness.study.journal import Journal, recorded_study
from harness.study.memory import Memory
from harness.study.plan import plan
from harness.study.proposer import finished, propose
from harness.study.resume import resume_study
from harness.study.storages import postgresql
from harness.study.storages.journal_file import JournalFile
from harness.study.storages.postgresql import held_database
from tests.made_up import MANIFEST
from tests.records import changed, record_of

TRAINING = {"learning_rate": {"min": 0.001, "max": 0.1}, "optimizer": {"values": ["adamw", "sgd"]}}
RECORD = record_of(
    MANIFEST, name="tiny", method="nsga2", population=2, run_cap=60, window=1, training=TRAINING
)
HOLDER = """
import sys, time
from harness.study.storages.postgresql import held_database
with held_database(sys.argv[1], "tiny", lambda: None):
    print("held", flush=True)
    time.sleep(600)
"""


def held(database, name="tiny", check_stop=lambda: None):
    return held_database(database.url, name, check_stop)


def fill(journal, start=0, stop=8):
    """Propose and record configurations, of which one failed."""
    for turn in plan(RECORD.spec)[start:stop]:
        seen = journal.finished(turn.regime)
        proposal = propose(RECORD.spec, RECORD.trained_on, turn, Memory(RECORD.spec, seen))
        values = None if turn.number == 2 else (turn.number / 7,)
        journal.add(turn.regime, finished(proposal, values, None if values else "went wrong"))


@pytest.fixture(scope="module")
def expected(tmp_path_factory):
    """The configurations, as a journal file keeps them."""
    folder = tmp_path_factory.mktemp("journal")
    journal = Journal(folder, RECORD, JournalFile(folder / JOURNAL))
    fill(journal)
    return journal.configurations()


@pytest.fixture
def folder(tmp_path, database, expected):
    """The folder of the study in the database."""
    with held(database) as storage:
        journal = Journal(tmp_path, RECORD, storage)
        fill(journal)
        assert journal.configurations() == expected
    write_study_record(tmp_path, RECORD.model_copy(update={"configurations": tuple(expected)}))
    return tmp_path


def lines(configurations):
    return [each.model_dump_json() for each in configurations]


def test_what_is_read_again_is_what_a_journal_file_keeps(folder, database, expected, caplog):
    with held(database) as storage:
        assert lines(Journal(folder, RECORD, storage).configurations()) == lines(expected)
        assert recorded_study(storage).identity == RECORD.identity()
    assert any(each.sampler for each in expected)
    assert any(each.objectives is None for each in expected)
    assert not caplog.messages
    assert database.ask("SELECT count(*) FROM harness_holders") == [(0,)]


def emptied(database):
    database.emptied()


def studies_deleted(database):
    database.ask("TRUNCATE studies CASCADE")


def a_trial_deleted(database):
    database.ask("DELETE FROM trial_params; DELETE FROM trial_values; TRUNCATE trials CASCADE")


def values_changed(database):
    database.ask("UPDATE trial_values SET value = value / 2")


@pytest.mark.parametrize("way", [emptied, studies_deleted, a_trial_deleted, values_changed])
def test_a_lost_or_damaged_database_is_made_anew_of_the_record(
    folder, database, expected, way, caplog
):
    way(database)
    with held(database) as storage:
        assert lines(Journal(folder, RECORD, storage).configurations()) == lines(expected)
    assert "made anew with 8 configurations" in caplog.text
    assert caplog.text.count("made anew") == 1
    with held(database) as storage:
        assert Journal(folder, RECORD, storage).configurations() == expected
    assert caplog.text.count("made anew") == 1


def test_a_study_moves_from_a_database_to_a_journal_file(folder, expected):
    file = JournalFile(folder / JOURNAL)
    assert Journal(folder, RECORD, file).configurations() == expected


def test_cut_connections_lose_nothing_and_record_nothing_twice(tmp_path, database, expected):
    with held(database) as storage:
        journal = Journal(tmp_path, RECORD, storage)
        fill(journal, 0, 3)
        assert database.cut() >= 2  # Optuna's and the lock's
        fill(journal, 3, 5)
        add, calls = journal._studies["joint"].add_trial, []

        def answer_lost(trial):
            add(trial)
            if not calls:
                calls.append(database.cut())
                raise postgresql.OperationalError("", None, Exception("connection lost"))

        for study in journal._studies.values():
            study.add_trial = answer_lost if study is journal._studies["joint"] else study.add_trial
        fill(journal, 5)
        assert calls
        assert lines(journal.configurations()) == lines(expected)
        # The lock was taken again.
        with pytest.raises(InputError, match="another launch of study tiny"), held(database):
            pass


def test_a_server_that_comes_back_is_waited_for(tmp_path, database, expected, monkeypatch, caplog):
    monkeypatch.setattr(postgresql, "_PAUSE", 0.0)
    with held(database, check_stop=database.opened) as storage:
        journal = Journal(tmp_path, RECORD, storage)
        for start in range(0, 8, 2):
            database.closed()
            fill(journal, start, start + 2)
        assert lines(journal.configurations()) == lines(expected)
    assert caplog.text.count("not currently accepting connections; waiting up to 120 s") == 4
    assert caplog.text.count("answers again") == 4


def test_a_server_that_stays_away_ends_the_launch_in_words(tmp_path, database, monkeypatch, caplog):
    monkeypatch.setattr(postgresql, "PATIENCE", 0.0)
    monkeypatch.setattr(postgresql, "_PAUSE", 0.0)
    told = r"does not exist, for 0 seconds; every trial that finished is kept: run the command"
    with held(database) as storage:
        journal = Journal(tmp_path, RECORD, storage)
        database.dropped()
        with pytest.raises(HarnessError, match=told):
            fill(journal)
    assert "waiting up to 0 seconds for it" in caplog.text


def test_a_stop_ends_the_wait_for_a_server(tmp_path, database):
    asked = []

    def check_stop():
        if asked:
            raise Stopped(2)

    with held(database, check_stop=check_stop) as storage:
        journal = Journal(tmp_path, RECORD, storage)
        database.dropped()
        asked.append(True)
        with pytest.raises(Stopped):
            fill(journal)


def test_a_second_launch_is_told_who_holds_the_study_until_that_is_killed(database):
    command = [sys.executable, "-c", HOLDER, database.url]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as holder:
        assert holder.stdout.readline() == b"held\n"
        told = rf"study tiny is running \(process {holder.pid} on \S+, since 2\S+ \S+ [+-]\d+\)"
        with pytest.raises(InputError, match=told), held(database):
            pass
        with held(database, "another"):
            pass
        holder.kill()
        holder.wait()
        with held(database):
            pass


def test_a_launch_that_lost_its_lock_to_another_ends(tmp_path, database):
    with held(database) as storage:
        journal = Journal(tmp_path, RECORD, storage)
        fill(journal, 0, 1)
        database.cut()
        with held(database), pytest.raises(InputError, match="another launch of study tiny"):
            fill(journal, 1, 2)


@pytest.mark.usefixtures("folder")
def test_another_study_of_the_name_is_refused_and_restarts(database, tmp_path_factory):
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    other = changed(RECORD, spec={"seeds": (5,)})
    asked = {"retry_failed": False}
    with held(database) as storage:
        told = r"(?s)postgresql://.*another study of this name.*--set name.*--restart.*\+- 5"
        with pytest.raises(InputError, match=told):
            resume_study(elsewhere, other, storage, restart=False, **asked)
        assert recorded_study(storage).identity == RECORD.identity()
        begun = resume_study(elsewhere, other, storage, restart=True, **asked)
        assert Journal(elsewhere, begun, storage).configurations() == []
        assert recorded_study(storage).identity == other.identity()


def test_tables_are_made_once_by_launches_that_begin_together(database):
    command = [sys.executable, "-c", HOLDER.replace('"tiny"', "sys.argv[2]").replace("600", "0")]
    started = [
        subprocess.Popen([*command, database.url, f"study {n}"], stderr=subprocess.PIPE)
        for n in range(3)
    ]
    assert [each.communicate(timeout=300)[1] for each in started] == [b""] * 3


def test_the_password_is_in_no_message(database):
    with_password = database.url.replace("postgres@", "postgres:hidden-word@")
    refused = with_password.replace(database.name, "no_such_database")
    with pytest.raises(InputError, match=r"no_such_database.*does not exist") as caught:
        held_database(refused, "tiny", lambda: None).__enter__()
    assert "hidden-word" not in str(caught.value)
