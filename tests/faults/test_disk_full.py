"""A disk that is full, and has room again."""

import os
import shutil
import subprocess

import pytest

from harness.results import trials
from tests.faults.disturbed import counted, times

SIZE = "64m"
FREE = times(few=(16, 400), many=(0, 4, 16, 64, 128, 256, 400, 600, 1000))
"""KiB that are free at first: too few for the journal, a trial, a record, MLflow's rows."""


def mount(folder):
    folder.mkdir(parents=True, exist_ok=True)
    command = ["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "tmpfs", str(folder)]
    return os.geteuid() == 0 and subprocess.run(command, check=False).returncode == 0


@pytest.fixture
def small_disk(tmp_path):
    """A folder on a file system of its own."""
    folder = tmp_path / "disk"
    if not mount(folder):
        pytest.skip("mounting a tmpfs takes root")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=False)


def fill(folder, free):
    """Leave so many KiB."""
    found = os.statvfs(folder)
    room = found.f_bavail * found.f_frsize - 1024 * free
    (folder / "filler").write_bytes(bytes(max(room, 0)))


@pytest.mark.job
@pytest.mark.parametrize("free", FREE)
def test_nothing_is_lost_when_results_do_not_fit(disturbed, undisturbed, small_disk, free):
    study = disturbed()
    results = study.project.results
    for path in results.iterdir():
        shutil.move(path, small_disk)
    results.rmdir()
    results.symlink_to(small_disk)
    fill(small_disk, free)
    code, said = study.run("launch", study.file, "--workers", 2)
    assert code in {0, 2, 3}, said  # 0 where MLflow alone found no room
    assert "Traceback" not in said
    if code:
        assert "No space left" in said or "full" in said, said
    kept = study.stored()
    for key in kept:
        trials.read_trial(study.folder, key)
    (small_disk / "filler").unlink()
    study.to_the_end()
    assert kept <= study.stored()
    study.assert_equals(undisturbed)
    counted(f"disk full, {free} KiB free", {"exit code": code, "kept": len(kept)})
