"""Opening a project's embedded store: new, while another process does, damaged."""

import subprocess
import sys
import time

import filelock
import pytest

from harness.core.errors import InputError
from harness.tracking import store as store_module
from harness.tracking.store import Store, open_client
from tests.tracking.conftest import embedded


def test_a_new_store_is_made_by_one_process_at_a_time(tmp_path, monkeypatch):
    made = embedded(tmp_path)
    made.artifacts.parent.mkdir()
    # Another process is making the tables: whoever does so meanwhile breaks the store for both.
    monkeypatch.setattr(store_module, "_PATIENCE", 0.01)
    lock = made.artifacts.parent / ".mlflow.lock"
    with filelock.FileLock(lock), pytest.raises(InputError, match=f"{lock}: held by another"):
        open_client(made)
    assert not (made.artifacts.parent / "mlflow.db").exists()
    assert open_client(made).search_experiments()[0].name == "Default"


def test_a_process_killed_while_it_makes_a_store_leaves_none(tmp_path):
    made = embedded(tmp_path)
    made.artifacts.parent.mkdir()
    half = made.artifacts.parent / ".mlflow.db.new"
    code = f"from mlflow.tracking import MlflowClient; from harness.tracking.store import *; " \
           f"open_client(Store({made.uri!r}, Path({str(made.artifacts)!r})))"  # fmt: skip
    process = subprocess.Popen([sys.executable, "-c", code])
    deadline = time.monotonic() + 120
    while not (half.exists() and half.stat().st_size):
        assert time.monotonic() < deadline
        time.sleep(0.01)
    process.kill()
    process.wait()
    assert not (made.artifacts.parent / "mlflow.db").exists()
    assert open_client(made).search_experiments()[0].name == "Default"
    assert not half.exists()


@pytest.mark.parametrize("damage", ["text", "page"])
def test_a_damaged_store_is_named_with_the_way_out(store, damage):
    file = store.artifacts.parent / "mlflow.db"
    raw = file.read_bytes()
    file.write_bytes(b"no database" * 999 if damage == "text" else raw[:4096] + raw[8192:])
    with pytest.raises(InputError, match=rf"{file}: .* is damaged .*move it aside.*harness sync"):
        open_client(store)


def test_a_store_that_cannot_be_opened_is_named(tmp_path):
    (tmp_path / "results" / "mlflow.db").mkdir(parents=True)
    with pytest.raises(InputError, match=r"mlflow.db: .* cannot be used now"):
        open_client(embedded(tmp_path))


def test_the_address_is_shown_without_its_password():
    assert Store("https://me:hidden@mlflow.example/x", None).shown == "https://***@mlflow.example/x"
