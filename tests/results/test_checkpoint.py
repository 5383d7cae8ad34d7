"""What a launch need not read again, and when it reads all the same."""

import os

import pytest

from harness.results import checkpoint as module
from harness.results.checkpoint import (
    FILE,
    Checkpoint,
    fingerprint,
    read_checkpoint,
    set_aside_damaged,
    write_checkpoint,
)
from harness.results.trials import DAMAGED, stored_keys, trial_folder

FOUND = Checkpoint(study="s", counted=2, front=((0.1, 0.7), (1 / 3, 0.9)), whole={"k": "f1:2"})


def test_what_is_written_is_read_for_the_same_study_alone(tmp_path):
    assert read_checkpoint(tmp_path, "s") == Checkpoint(study="s")
    write_checkpoint(tmp_path, FOUND)
    assert read_checkpoint(tmp_path, "s") == FOUND
    assert read_checkpoint(tmp_path, "other") == Checkpoint(study="other")
    (tmp_path / FILE).write_text((tmp_path / FILE).read_text()[:-9])
    assert read_checkpoint(tmp_path, "s") == Checkpoint(study="s")


@pytest.fixture
def whole(folder):
    return {key: fingerprint(folder, key) for key in stored_keys(folder)}


def test_folders_that_stay_as_they_were_are_not_read_again(folder, whole, monkeypatch):
    read = []
    monkeypatch.setattr(module, "fault_of", lambda _, key: read.append(key))
    assert set_aside_damaged(folder, whole) == {}
    assert not read
    found = {}
    assert set_aside_damaged(folder, found) == {}
    assert read == [*stored_keys(folder)]
    assert found == whole


@pytest.mark.parametrize("damage", ["cut", "same size", "gone"])
def test_one_that_changed_is_read_and_set_aside_when_damaged(folder, whole, damage):
    key = stored_keys(folder)[0]
    file = trial_folder(folder, key) / "outputs.npz"
    before = file.stat()
    if damage == "cut":
        file.write_bytes(file.read_bytes()[:-10])
        os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
    elif damage == "same size":
        file.write_bytes(bytes(before.st_size))
    else:
        file.unlink()
    assert set(set_aside_damaged(folder, whole)) == {key}
    assert key not in whole
    assert (folder / DAMAGED / key).is_dir()
    assert key not in stored_keys(folder)


def test_a_trial_without_a_folder_has_no_fingerprint(tmp_path):
    assert fingerprint(tmp_path, "nothing") == ""
