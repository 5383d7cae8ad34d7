"""How a launch ends: what is said, and the exit code."""

import signal
from pathlib import Path

import pytest
import typer

from harness.cli import ending
from harness.cli.app import main
from harness.study.run import LaunchOutcome
from tests.made_up import MANIFEST
from tests.records import record_of


@pytest.mark.parametrize("way", ["option", "variable"])
def test_a_database_of_another_kind_is_refused_at_once(project, monkeypatch, capsys, way):
    address, file = "mysql://me:hidden-word@db.example/studies", "studies/quickstart.yaml"
    given = ["--storage", address] if way == "option" else []
    if way == "variable":
        monkeypatch.setenv("HARNESS_STORAGE", address)
    monkeypatch.setattr("sys.argv", ["harness", "launch", file, *given])
    with pytest.raises(SystemExit) as left:
        main()
    said = capsys.readouterr().err
    assert (left.value.code, said.count("\n")) == (2, 1)
    assert said.startswith(
        "error: --storage mysql://***@db.example/studies: mysql is not supported"
    )
    assert not project.results.exists()


def closed(state, **facts):
    record = record_of(MANIFEST).model_copy(update={"state": state})
    with pytest.raises(typer.Exit) as left:
        ending.close(LaunchOutcome(record, None, **facts), Path("results"), "harness frontier")
    return left.value.exit_code


def test_errors_are_told_with_what_to_do(capsys):
    assert closed("failed", errors=tuple(f"#{n} joint: disk full" for n in range(7))) == 3
    said = capsys.readouterr()
    assert "made-up: failed;" in said.out
    assert "next:" not in said.out
    assert "#4 joint: disk full" in said.err
    assert "#5" not in said.err
    assert "and 2 more" in said.err
    assert "run the command again: these trials are taken up" in said.err


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_stop_gives_the_exit_code_of_its_signal(capsys, number):
    assert closed("interrupted", signal=int(number)) == 128 + number
    assert "run the command again to resume" in capsys.readouterr().out
