"""The journal: opened without a trace, rebuilt where it is damaged."""

import itertools

import pytest

from harness.results.study_record import CONFIGURATIONS, JOURNAL, write_study_record
from harness.study.journal import Journal, recorded_study
from harness.study.memory import Memory
from harness.study.plan import plan
from harness.study.proposer import finished, propose
from harness.study.storages.journal_file import JournalFile
from tests.damage import WAYS, emptied
from tests.made_up import MANIFEST
from tests.records import record_of

SEARCHED = {"training": {"learning_rate": {"min": 0.001, "max": 0.1}}}
RECORD = record_of(MANIFEST, method="random", run_cap=20, **SEARCHED)


@pytest.fixture
def folder(tmp_path):
    """A journal of four configurations, one of them failed, and the record of it."""
    journal = Journal(tmp_path, RECORD, JournalFile(tmp_path / JOURNAL))
    for turn in plan(RECORD.spec)[:4]:
        proposal = propose(RECORD.spec, RECORD.trained_on, turn, Memory(RECORD.spec))
        values = None if turn.number == 2 else (turn.number / 10,)
        journal.add(turn.regime, finished(proposal, values, None if values else "went wrong"))
    known = {"configurations": tuple(journal.configurations())}
    write_study_record(tmp_path, RECORD.model_copy(update=known))
    return tmp_path


def torn(path):
    path.write_bytes(path.read_bytes()[:-20])


def last_lines_lost(path):
    path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[:-2]))


def a_line_between_lost(path):
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join([*lines[:-3], *lines[-2:]]))


def test_opening_a_sound_journal_changes_nothing(folder, caplog):
    before = (folder / JOURNAL).read_bytes()
    journal = Journal(folder, RECORD, JournalFile(folder / JOURNAL))
    assert [c.number for c in journal.configurations()] == [0, 1, 2, 3]
    assert (folder / JOURNAL).read_bytes() == before
    assert not caplog.messages
    assert recorded_study(JournalFile(folder / JOURNAL)).identity == RECORD.identity()


@pytest.mark.parametrize("way", [*WAYS, torn, last_lines_lost, a_line_between_lost])
def test_a_damaged_journal_is_made_anew_of_the_record(folder, way, caplog):
    before = Journal(folder, RECORD, JournalFile(folder / JOURNAL)).configurations()
    content = (folder / JOURNAL).read_bytes()
    way(folder / JOURNAL)
    left = (folder / JOURNAL).read_bytes() if (folder / JOURNAL).is_file() else None
    journal = Journal(folder, RECORD, JournalFile(folder / JOURNAL))
    assert journal.configurations() == before
    assert "made anew with 4 configurations" in caplog.text
    assert recorded_study(JournalFile(folder / JOURNAL)).identity == RECORD.identity()
    if left is not None:
        assert (folder / f"{JOURNAL}.damaged").read_bytes() == left
    assert Journal(folder, RECORD, JournalFile(folder / JOURNAL)).configurations() == before
    assert len((folder / JOURNAL).read_bytes().splitlines()) <= len(content.splitlines())
    assert caplog.text.count("made anew") == 1


@pytest.mark.parametrize("way", [torn, a_line_between_lost])
def test_without_the_record_what_comes_before_the_damage_is_kept(folder, way):
    before = Journal(folder, RECORD, JournalFile(folder / JOURNAL)).configurations()
    way(folder / JOURNAL)
    emptied(folder / CONFIGURATIONS)
    found = Journal(folder, RECORD, JournalFile(folder / JOURNAL)).configurations()
    assert found == before[: len(found)]
    assert len(found) == {torn: 3, a_line_between_lost: 0}[way]


def test_a_journal_that_knows_more_than_the_record_is_sound(folder, caplog):
    lines = (folder / CONFIGURATIONS).read_text().splitlines(keepends=True)
    (folder / CONFIGURATIONS).write_text("".join(itertools.islice(lines, 2)))
    assert len(Journal(folder, RECORD, JournalFile(folder / JOURNAL)).configurations()) == 4
    assert not caplog.messages
