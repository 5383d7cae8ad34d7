import time

import pytest

from harness.cli import waits
from harness.cli.waits import tell_again, waits_told
from harness.core.waiting import waiting


@pytest.fixture
def hasty(monkeypatch):
    monkeypatch.setattr(waits, "PATIENCE", 0.05)
    monkeypatch.setattr(waits, "_PAUSE", 0.01)


@pytest.mark.usefixtures("hasty")
def test_what_takes_long_is_said_once(capsys):
    with waits_told():
        for _ in range(2):
            with waiting("reading a.yaml"):
                time.sleep(0.3)
    assert capsys.readouterr().err == "harness: reading a.yaml ...\n"


@pytest.mark.usefixtures("hasty")
def test_what_goes_on_is_said_now_and_then(capsys, monkeypatch):
    monkeypatch.setattr(waits, "_AGAIN", 0.2)
    with waits_told(), waiting("reading a.yaml"):
        time.sleep(0.7)
    assert capsys.readouterr().err.count("harness: reading a.yaml ...\n") >= 2


def test_what_is_quick_is_not_said(capsys):
    with waits_told(), waiting("reading a.yaml"):
        time.sleep(0.3)
    assert capsys.readouterr().err == ""


@pytest.mark.usefixtures("hasty")
def test_it_is_said_again_after_a_stop_was_asked_for(capsys):
    with waits_told(), waiting("logging"):
        time.sleep(0.2)
        tell_again()
        time.sleep(0.3)
    assert capsys.readouterr().err == "harness: logging ...\n" * 2
