"""What a resumed launch takes up of the one before, and when it counts all the same."""

import pytest

from harness.results.study_record import RECORD, read_header, read_study_record
from harness.study import checkpoints as module
from harness.study.checkpoints import Checkpoints
from harness.study.scoring import Scorer


@pytest.fixture
def record(folder):
    return read_study_record(folder).seen_with({"torch": "1"})


@pytest.fixture
def counted(folder, record):
    """The hypervolume of all configurations, of which a checkpoint is written."""
    scorer = Scorer(record, folder)
    for each in record.configurations:
        scorer.add(each)
    Checkpoints(folder, record, scorer).close(record.configurations)
    return scorer.hypervolume


def test_points_that_are_counted_are_taken_up(folder, record, counted):
    scorer, known = Scorer(record, folder), record.configurations
    assert Checkpoints(folder, record, scorer).take_up(known) == len(known)
    assert scorer.hypervolume == counted


@pytest.mark.usefixtures("counted")
def test_where_other_configurations_are_recorded_all_are_counted(folder, record):
    first, *rest = record.configurations
    other = first.model_copy(update={"keys": tuple(reversed(rest[0].keys))})
    resumed = Checkpoints(folder, record, Scorer(record, folder))
    assert resumed.take_up((other, *rest)) == 0
    assert resumed.take_up((first, *rest[:-1])) == 0


@pytest.mark.usefixtures("counted")
def test_where_a_trial_was_trained_anew_all_are_counted(folder, record):
    resumed = Checkpoints(folder, record, Scorer(record, folder))
    key = record.configurations[0].keys[0]
    resumed.trained_anew(key)
    assert key not in resumed.whole
    assert resumed.take_up(record.configurations) == 0


def test_the_versions_of_what_is_counted_are_kept_with_it(folder, record, monkeypatch):
    """A launch that is killed writes its record no more."""
    monkeypatch.setattr(module, "_EVERY", len(record.configurations))
    now = record.seen_with({"torch": "2"})
    Checkpoints(folder, record, Scorer(record, folder)).recorded(now)
    assert read_header(folder).versions["torch"] == ("1", "2")
    assert read_header(folder).recorded == len(record.configurations)
    assert (folder / RECORD).is_file()
