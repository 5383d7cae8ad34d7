"""A password in an address is in no output, no log and no file, whatever fails."""

import shutil

import pytest

from tests.cli.conftest import harness  # noqa: F401 -- the command, in this process

SECRET = "s3cr3t/w0rd"  # noqa: S105 -- what must not be found
ADDRESSES = (
    f"http://me:{SECRET}@127.0.0.1:9",
    f"http://127.0.0.1:9/?access_token={SECRET}",
    f"postgresql://me:{SECRET}@127.0.0.1:9/mlflow",
    f"nothing://me:{SECRET}@db.invalid",
)
COMMANDS = (
    ("sync", "tiny"),
    ("launch", "studies/tiny.yaml"),
    ("frontier", "tiny"),
    ("register", "tiny"),
    ("ui", "tiny", "--no-browser"),
)


@pytest.fixture
def study(confirmed_study, tmp_path, monkeypatch):
    """A copy of a confirmed study, in its project as the current folder."""
    root = shutil.copytree(confirmed_study.project.root, tmp_path / "project")
    monkeypatch.chdir(root)
    return root


@pytest.mark.job
@pytest.mark.parametrize("address", ADDRESSES)
def test_no_command_shows_or_keeps_a_password(
    harness,  # noqa: F811
    study,
    monkeypatch,
    caplog,
    address,
):
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    monkeypatch.setattr("mlflow.store.db.utils.MAX_RETRY_COUNT", 0)
    monkeypatch.setenv("MLFLOW_TRACKING_URI", address)
    shown = ""
    for command in COMMANDS:
        done = harness(*command)
        assert "Traceback" not in done.stderr, command
        shown += done.stdout + done.stderr
    assert "***" in shown  # the address was spoken of
    assert SECRET not in shown + caplog.text
    files = [path for path in study.rglob("*") if path.is_file()]
    assert [path for path in files if SECRET.encode() in path.read_bytes()] == []
