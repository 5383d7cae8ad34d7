import os
import signal
import subprocess
import sys

import filelock
import pytest

from harness.core.errors import InputError
from harness.results.launch_lock import check_free, is_launched, only_launch

HOLDER = """
import sys, time
from pathlib import Path
from harness.results.launch_lock import only_launch
with only_launch(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(600)
"""


def test_a_second_launch_is_told_who_holds_the_study(tmp_path):
    command = [sys.executable, "-c", HOLDER, str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as holder:
        assert holder.stdout.readline() == b"held\n"
        assert is_launched(tmp_path)
        told = rf"another launch .* is running \(process {holder.pid} on \S*, since 2"
        with pytest.raises(InputError, match=told), only_launch(tmp_path):
            pass
        with pytest.raises(InputError, match=told):
            check_free(tmp_path)
        os.kill(holder.pid, signal.SIGKILL)
    assert not is_launched(tmp_path)
    with only_launch(tmp_path):
        assert is_launched(tmp_path)
    assert not is_launched(tmp_path)
    assert not is_launched(tmp_path / "never launched")
    check_free(tmp_path / "never launched")
    assert not (tmp_path / "never launched").exists()


def test_the_timeout_of_another_lock_passes_through(tmp_path):
    with pytest.raises(filelock.Timeout), only_launch(tmp_path):
        raise filelock.Timeout("mlflow.db.lock")


def test_a_folder_that_leads_out_of_the_results_is_no_study_s(tmp_path):
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "study").symlink_to(tmp_path / "elsewhere", target_is_directory=True)
    with pytest.raises(InputError, match="study: a symbolic link"), only_launch(tmp_path / "study"):
        pass
    assert list((tmp_path / "elsewhere").iterdir()) == []
