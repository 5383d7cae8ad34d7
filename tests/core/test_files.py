import errno
import json
import os
import subprocess
import sys
from pathlib import Path
from unittest.mock import Mock

import pytest

from harness.core.files import (
    atomic_file,
    atomic_folder,
    content_key,
    remove_leftovers,
    write_json,
)


def test_a_write_that_fails_leaves_the_old_file_and_nothing_else(tmp_path):
    path = tmp_path / "kept.json"
    write_json(path, {"a": 1})

    def fail():
        with atomic_file(path) as temporary:
            temporary.write_text("half")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert json.loads(path.read_text()) == {"a": 1}
    assert list(tmp_path.iterdir()) == [path]


def test_content_key_ignores_the_order_of_keys():
    assert content_key({"a": 1, "b": [2]}) == content_key({"b": [2], "a": 1})
    assert content_key({"a": 1}) != content_key({"a": 2})


@pytest.mark.parametrize("number", [errno.ENOTEMPTY, errno.EEXIST, errno.ENOSPC])
def test_the_loser_of_a_rename_keeps_what_the_winner_wrote(tmp_path, monkeypatch, number):
    monkeypatch.setattr(Path, "rename", Mock(side_effect=OSError(number, "rename")))
    path = tmp_path / "result"
    path.mkdir()
    (path / "winner").touch()
    if number == errno.ENOSPC:
        with pytest.raises(OSError, match="rename"), atomic_folder(path):
            pass
    else:
        with atomic_folder(path) as temporary:
            (temporary / "loser").touch()
    assert [each.name for each in tmp_path.rglob("*")] == ["result", "winner"]


KILLED = """
import os, sys
from pathlib import Path
from harness.core.files import atomic_file, atomic_folder
folder = Path(sys.argv[1])
with atomic_file(folder / "study.json") as file, atomic_folder(folder / "trials" / "key") as made:
    (made / "curve.csv").touch()
    os.kill(os.getpid(), 9)
"""


@pytest.mark.parametrize("waited", [True, False])
def test_only_what_dead_writers_left_is_removed(tmp_path, waited):
    writer = subprocess.Popen([sys.executable, "-c", KILLED, str(tmp_path)])
    os.waitid(os.P_PID, writer.pid, os.WEXITED | os.WNOWAIT)
    if waited:
        writer.wait()
    assert len(list(tmp_path.rglob(".*"))) == 2
    others = {tmp_path / ".lock", tmp_path / "trials" / "other"}
    for path in others:
        path.touch()
    with atomic_file(tmp_path / "table.csv") as mine:
        remove_leftovers(tmp_path)
        assert mine.exists()
    remove_leftovers(tmp_path / "no such folder")
    kept = {path for path in tmp_path.rglob("*") if path.is_file()}
    assert kept == {*others, tmp_path / "table.csv"}
    writer.wait()
